//! Reads a body into a `Problem`: runs on two qubits become pairs, and wires learn which neighbours commute.
use super::blocks::{Traits, traits};
use super::problem::{Content, NONE, Problem, Wires};
use crate::circuit::Instruction;
use crate::passes::pairs::Native;
use crate::passes::simplify::axes;
use crate::passes::tree::{Body, Node};

/// The mark of classical bits that are only read: readers commute.
const READ: u8 = b'r';

/// A wire while it is read.
#[derive(Default)]
struct Wire {
    /// The axis of the last group, while more may join it.
    axis: Option<u8>,
    groups: u32,
    /// Node, operand and group of what stands on it.
    nodes: Vec<(u32, u32, u32)>,
    locals: Vec<(u32, Instruction)>,
    /// The pair that the wire is in the middle of.
    open: Option<usize>,
}

/// A run of gates on two qubits that may go on.
struct Pair {
    qubits: [u32; 2],
    gates: Vec<Instruction>,
    /// How many gates at the end are on one qubit.
    trailing: usize,
}

/// A node before the pairs are told from the rest.
struct Draft {
    qubits: Option<[u32; 2]>,
    wires: Vec<u32>,
    traits: Traits,
    content: Content,
}

struct Collector {
    native: Native,
    width: usize,
    wires: Vec<Wire>,
    open: Vec<Option<Pair>>,
    drafts: Vec<Draft>,
    loose: Vec<Instruction>,
}

impl Problem {
    /// The problem of a body on `width` qubits.
    pub fn of(body: Body, width: usize, num_clbits: usize, native: Native) -> Self {
        let wires = std::iter::repeat_with(Wire::default).take(width + num_clbits).collect();
        let mut collector =
            Collector { native, width, wires, open: Vec::new(), drafts: Vec::new(), loose: Vec::new() };
        for node in body.0 {
            match node {
                Node::Straight(stretch) => stretch.into_iter().for_each(|op| collector.take(op)),
                block => collector.block(block),
            }
        }
        for at in 0..collector.open.len() {
            collector.close(at);
        }
        collector.finish()
    }
}

impl Collector {
    fn take(&mut self, op: Instruction) {
        let is_free = op.detail.condition.is_none() && op.opcode.is_gate();
        match *op.qubits.as_slice() {
            [qubit] if is_free => self.local(qubit, op),
            [a, b] if is_free => self.pair(a, b, op),
            _ => self.node(op),
        }
    }

    /// A gate on one qubit: part of the open pair for now, or beside the wire.
    fn local(&mut self, qubit: u32, op: Instruction) {
        match self.wires[qubit as usize].open.and_then(|at| self.open[at].as_mut()) {
            Some(pair) => {
                pair.gates.push(op);
                pair.trailing += 1;
            }
            None => self.beside(qubit, op),
        }
    }

    fn beside(&mut self, qubit: u32, op: Instruction) {
        let wire = &mut self.wires[qubit as usize];
        let axis = axes(&op).first().copied().flatten();
        // What commutes with the open group goes out before all of it.
        let joins = axis.is_some() && axis == wire.axis;
        let before = if joins { wire.groups - 1 } else { wire.groups };
        if !joins {
            wire.axis = None;
        }
        wire.locals.push((before, op));
    }

    fn pair(&mut self, a: u32, b: u32, op: Instruction) {
        let [first, second] = [a, b].map(|qubit| self.wires[qubit as usize].open);
        if let (Some(at), true) = (first, first == second)
            && let Some(pair) = self.open[at].as_mut()
        {
            pair.gates.push(op);
            pair.trailing = 0;
            return;
        }
        self.close_on(&[a, b]);
        let at = self.open.len();
        self.open.push(Some(Pair { qubits: [a, b], gates: vec![op], trailing: 0 }));
        [a, b].into_iter().for_each(|qubit| self.wires[qubit as usize].open = Some(at));
    }

    fn close_on(&mut self, qubits: &[u32]) {
        for qubit in qubits {
            if let Some(at) = self.wires[*qubit as usize].open {
                self.close(at);
            }
        }
    }

    fn close(&mut self, at: usize) {
        let Some(mut pair) = self.open[at].take() else { return };
        pair.qubits.into_iter().for_each(|qubit| self.wires[qubit as usize].open = None);
        let tail = pair.gates.split_off(pair.gates.len() - pair.trailing);
        let traits = traits(&pair.gates, pair.qubits, self.native);
        let number = self.drafts.len() as u32;
        for (operand, (qubit, axis)) in pair.qubits.into_iter().zip(traits.axes).enumerate() {
            self.join(qubit, axis, number, operand as u32);
        }
        let wires = pair.qubits.to_vec();
        let content = Content::Gates(pair.gates);
        self.drafts.push(Draft { qubits: Some(pair.qubits), wires, traits, content });
        tail.into_iter().for_each(|op| self.beside(op.qubits[0], op));
    }

    /// Puts an operand on a wire: into the last group if that keeps the same axis, else into a new one.
    fn join(&mut self, wire: u32, axis: Option<u8>, node: u32, operand: u32) {
        let wire = &mut self.wires[wire as usize];
        if axis.is_none() || wire.axis != axis {
            wire.groups += 1;
            wire.axis = axis;
        }
        wire.nodes.push((node, operand, wire.groups - 1));
    }

    /// Everything that is no plain gate on one or two qubits.
    fn node(&mut self, op: Instruction) {
        self.close_on(&op.qubits);
        let read = op.detail.condition.as_ref().map(|condition| condition.clbits()).unwrap_or_default();
        let is_pair = op.opcode.is_gate() && op.qubits.len() == 2;
        let qubits = is_pair.then(|| [op.qubits[0], op.qubits[1]]);
        self.enter(op.qubits.to_vec(), op.clbits.clone(), read, qubits, Content::Gates(vec![op]));
    }

    fn block(&mut self, block: Node) {
        let mut touched = Touched::default();
        touched.node(&block);
        let Touched { mut qubits, mut written, read, meets } = touched;
        for list in [&mut qubits, &mut written] {
            list.sort_unstable();
            list.dedup();
        }
        self.close_on(&qubits);
        // Such a block is a pair: its qubits are brought together before, not inside.
        let pair = if let ([a, b], true) = (qubits.as_slice(), meets) { Some([*a, *b]) } else { None };
        self.enter(qubits, written, read, pair, Content::Block(Box::new(block)));
    }

    fn enter(
        &mut self,
        qubits: Vec<u32>,
        written: Vec<u32>,
        mut read: Vec<u32>,
        pair: Option<[u32; 2]>,
        content: Content,
    ) {
        read.sort_unstable();
        read.dedup();
        read.retain(|bit| !written.contains(bit));
        let number = self.drafts.len() as u32;
        let classical = |bit: &u32| self.width as u32 + bit;
        let mut wires = qubits;
        let num_qubits = wires.len();
        wires.extend(written.iter().map(classical));
        let num_written = wires.len();
        wires.extend(read.iter().map(classical));
        if let (true, Content::Gates(gates)) = (wires.is_empty(), &content) {
            self.loose.extend(gates.iter().cloned());
            return;
        }
        for (operand, wire) in wires.iter().enumerate() {
            let axis = (operand >= num_written).then_some(READ);
            self.join(*wire, axis, number, operand as u32);
        }
        debug_assert!(pair.is_none() || num_qubits == 2);
        self.drafts.push(Draft { qubits: pair, wires, traits: Traits::OPAQUE, content });
    }

    fn finish(self) -> Problem {
        let is_pair = |draft: &Draft| draft.qubits.is_some();
        let num_pairs = self.drafts.iter().filter(|draft| is_pair(draft)).count() as u32;
        // The place of the first operand of each draft, and of the first one that is no qubit of a pair.
        let mut places: Vec<(u32, u32)> = Vec::with_capacity(self.drafts.len());
        let (mut pairs, mut more) = (0, 2 * num_pairs);
        let mut problem = Problem { width: self.width, loose: self.loose, ..Problem::default() };
        let mut others = Vec::new();
        let mut further = Vec::new();
        for (number, draft) in self.drafts.iter().enumerate() {
            let own = if is_pair(draft) { 2 } else { 0 };
            places.push((2 * pairs, more));
            let extra = (draft.wires.len() - own) as u32;
            if own == 2 {
                pairs += 1;
            } else {
                others.push(number);
            }
            further.push(extra);
            more += extra;
        }
        let operand_place = |node: u32, operand: u32| {
            let (own, more) = places[node as usize];
            match is_pair(&self.drafts[node as usize]) {
                true if operand < 2 => own + operand,
                true => more + operand - 2,
                false => more + operand,
            }
        };
        problem.wire = vec![0; more as usize];
        problem.group = vec![0; more as usize];
        problem.owner = vec![0; (more - 2 * num_pairs) as usize];
        let mut lists: Vec<Vec<(u32, u32, u32)>> = Vec::with_capacity(self.wires.len());
        for (number, wire) in self.wires.iter().enumerate() {
            let entry = |(node, operand, group): &(u32, u32, u32)| {
                let place = operand_place(*node, *operand);
                let partner = match self.drafts[*node as usize].qubits {
                    Some(qubits) if *operand < 2 => qubits[1 - *operand as usize],
                    _ => NONE,
                };
                (place, partner, *group)
            };
            let list: Vec<(u32, u32, u32)> = wire.nodes.iter().map(entry).collect();
            for (place, _, group) in &list {
                problem.wire[*place as usize] = number as u32;
                problem.group[*place as usize] = *group;
            }
            lists.push(list);
        }
        problem.forward = Wires::of(&lists, more as usize);
        lists.iter_mut().for_each(|list| list.reverse());
        problem.backward = Wires::of(&lists, more as usize);
        problem.locals = self.wires.into_iter().map(|wire| wire.locals).collect();
        number_nodes(&mut problem, self.drafts, &others, &further, num_pairs);
        problem.forward.measure(problem.pairs.iter().enumerate());
        problem.backward.measure(problem.pairs.iter().enumerate().rev());
        problem
    }
}

/// Pairs first, then the rest; the places behind those of pairs lie in the order of the drafts.
fn number_nodes(
    problem: &mut Problem,
    drafts: Vec<Draft>,
    others: &[usize],
    further: &[u32],
    num_pairs: u32,
) {
    let mut first_of: Vec<u32> = Vec::with_capacity(drafts.len());
    let mut total = 0;
    for extra in further {
        first_of.push(total);
        total += extra;
    }
    let mut rest = Vec::with_capacity(others.len());
    let mut ranges = vec![(0, 0); drafts.len()];
    for (number, draft) in drafts.into_iter().enumerate() {
        let range = (first_of[number], first_of[number] + further[number]);
        match draft.qubits {
            Some(qubits) => {
                ranges[problem.pairs.len()] = range;
                problem.pairs.push(qubits);
                problem.traits.push(draft.traits);
                problem.contents.push(draft.content);
            }
            None => {
                ranges[num_pairs as usize + rest.len()] = range;
                rest.push(draft.content);
            }
        }
    }
    problem.contents.extend(rest);
    for (node, (begin, end)) in ranges.iter().enumerate() {
        (*begin..*end).for_each(|place| problem.owner[place as usize] = node as u32);
    }
    problem.more = ranges;
}

/// What a block of control flow touches.
#[derive(Default)]
struct Touched {
    qubits: Vec<u32>,
    written: Vec<u32>,
    read: Vec<u32>,
    /// Whether two qubits meet in a gate.
    meets: bool,
}

impl Touched {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Straight(stretch) => stretch.iter().for_each(|op| self.op(op)),
            Node::If(open, then, otherwise) => {
                self.op(open);
                self.body(then);
                otherwise.iter().for_each(|body| self.body(body));
            }
            Node::Loop(open, body) => {
                self.op(open);
                self.body(body);
            }
        }
    }

    fn body(&mut self, body: &Body) {
        body.0.iter().for_each(|node| self.node(node));
    }

    fn op(&mut self, op: &Instruction) {
        self.meets |= op.opcode.is_gate() && op.qubits.len() > 1;
        self.qubits.extend(&op.qubits);
        self.written.extend(&op.clbits);
        self.read
            .extend(op.detail.condition.as_ref().map(|condition| condition.clbits()).unwrap_or_default());
    }
}
