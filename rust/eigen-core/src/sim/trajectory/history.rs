//! A history: shots to which the same has happened so far, and the state that they share.
//!
//! Each shot meets the sites one by one. An exponential clock says how many more trials pass quietly: a trial of
//! probability q takes `-ln(1 - q)` of it, so whole pieces are passed by one subtraction.
use super::dice::At;
use super::lower::{Part, Piece, Program};
use super::spares::Spares;
use crate::error::CoreResult;
use crate::rng::Philox;
use crate::sim::branch::mix;
use crate::sim::collapse;
use crate::sim::pauli_sum::inner_product;
use crate::sim::program::{Cursor, Next, Stop};
use crate::sim::share::Division;
use crate::sim::state::State;
use crate::sim::workers::Workers;

/// Squared norms below this are scaled up to 1.
const SMALLEST_NORM: f64 = 1e-60;

/// Where a history stands inside a stretch.
#[derive(Clone, Copy, Debug)]
struct Place {
    stretch: usize,
    piece: usize,
    part: usize,
}

/// Something that happens to some of the shots where the history stands.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// One of the other operators of the site's dice, with its probability.
    Error { kind: usize, probability: f64 },
    /// An outcome of a measurement or a reset, with the squared norm of its part.
    Outcome { qubit: usize, clbit: Option<usize>, value: bool, weight: f64, recorded: bool },
}

/// Shots with a common past.
pub(super) struct History {
    cursor: Cursor,
    place: Option<Place>,
    pub state: State,
    /// Squared norm of the state.
    norm: f64,
    pub shots: u64,
    /// The site where it stands, with the probability of the quiet operator there, until that is applied.
    site: Option<(usize, f64)>,
    /// What is still to happen here, each to so many shots.
    fates: Vec<(Fate, u64)>,
    random: Philox,
    /// Key of the stream of random numbers; the history's own, as it follows from what has happened.
    stream: u64,
    /// Histories that have left this one.
    forks: u64,
    /// How much of the clock is left.
    clock: f64,
    /// Errors so far.
    pub errors: u64,
    /// Whether no other part of the run follows it.
    is_own: bool,
}

/// What following a history came to.
pub(super) enum Step {
    /// Some of its shots go another way from here.
    Fork(Box<History>),
    /// It is at its end.
    End,
    /// Another part of the run goes on with it.
    Left,
}

/// What histories run on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub program: &'a Program,
    /// Confusion matrix of each qubit's readout.
    pub readout: &'a [Option<[[f64; 2]; 2]>],
    pub workers: &'a Workers,
    pub seed: u64,
    /// Which of the histories are followed.
    pub division: Division,
}

impl History {
    /// All shots at the beginning. `number` tells beginnings of one seed apart.
    pub fn begin(ground: &Ground<'_>, cursor: Cursor, state: State, shots: u64, number: u64) -> Self {
        let stream = mix(number);
        let mut random = Philox::new(ground.seed, stream);
        let clock = exponential(&mut random);
        History {
            cursor,
            place: None,
            state,
            norm: 1.0,
            shots,
            site: None,
            fates: Vec::new(),
            random,
            stream,
            forks: 0,
            clock,
            errors: 0,
            is_own: false,
        }
    }

    /// Whether its shots are counted at its end.
    pub fn counts(&self, ground: &Ground<'_>) -> bool {
        ground.division.counts(self.is_own, self.stream, self.forks)
    }

    /// Classical bits measured so far.
    pub fn clbits(&self) -> &[u64] {
        &self.cursor.clbits
    }

    /// The random numbers of the end.
    pub fn random(&mut self) -> &mut Philox {
        &mut self.random
    }

    /// Draws from the state with the history's own random numbers.
    pub fn sample<T>(&mut self, draw: impl FnOnce(&State, &mut Philox) -> T) -> T {
        draw(&self.state, &mut self.random)
    }

    /// Follows the history until some of its shots go another way, or to its end.
    pub fn follow(&mut self, ground: &Ground<'_>, spares: &Spares) -> CoreResult<Step> {
        loop {
            let division = ground.division;
            if !division.follows(&mut self.is_own, self.shots, self.stream, self.forks) {
                return Ok(Step::Left);
            }
            if let Some((fate, shots)) = self.fates.pop() {
                if shots < self.shots {
                    let mut is_own = self.is_own;
                    if division.follows(&mut is_own, shots, self.stream, self.forks + 1) {
                        let other = self.fork(ground, fate, shots, spares.take()?);
                        return Ok(Step::Fork(Box::new(History { is_own, ..other })));
                    }
                    self.forks += 1;
                    self.shots -= shots;
                    continue;
                }
                self.meet(ground, fate);
            } else if let Some((spot, probability)) = self.site.take() {
                self.stay_quiet(ground, spot, probability);
            }
            if let Some(place) = self.place {
                self.go_on(ground, place, spares)?;
                continue;
            }
            match self.cursor.next(&ground.program.codes)? {
                Next::Run { segment } => self.place = Some(start(ground.program, segment, 0)),
                Next::Stop(Stop::Measure { qubit, clbit }) => self.decide(ground, qubit, Some(clbit)),
                Next::Stop(Stop::Reset { qubit }) => self.decide(ground, qubit, None),
                Next::Stop(Stop::End) => return Ok(Step::End),
            }
        }
    }

    /// Runs a piece, or one part of it.
    fn go_on(&mut self, ground: &Ground<'_>, place: Place, spares: &Spares) -> CoreResult<()> {
        let program = ground.program;
        let pieces = &program.stretches[place.stretch].pieces;
        let Some(piece) = pieces.get(place.piece) else {
            self.place = None;
            return Ok(());
        };
        if place.part == piece.parts.start && self.passes(ground, piece, spares)? {
            self.place = Some(start(program, place.stretch, place.piece + 1));
            return Ok(());
        }
        self.place = Some(if place.part + 1 < piece.parts.end {
            Place { part: place.part + 1, ..place }
        } else {
            start(program, place.stretch, place.piece + 1)
        });
        match program.parts[place.part] {
            Part::Run { segment } => program.single[segment].run(&mut self.state, ground.workers),
            Part::Spot { spot } => self.visit(ground, spot)?,
        }
        Ok(())
    }

    /// Runs a whole piece at once when nothing happens there to any of the shots.
    fn passes(&mut self, ground: &Ground<'_>, piece: &Piece, spares: &Spares) -> CoreResult<bool> {
        let shots = self.shots as f64;
        if shots * (piece.fixed_rate + piece.guessed_rate) >= self.clock {
            return Ok(false);
        }
        let run = |state: &mut State| {
            if let Some(fused) = piece.fused {
                ground.program.fused[fused].run(state, ground.workers);
            }
        };
        if piece.guessed_rate == 0.0 {
            run(&mut self.state);
            self.clock -= shots * piece.fixed_rate;
            return Ok(true);
        }
        let mut ahead = spares.take()?;
        ahead.copy_from(&self.state);
        run(&mut ahead);
        let norm = inner_product(&ahead, &ahead, ground.workers).re;
        let rate = piece.fixed_rate + (libm::log(self.norm) - libm::log(norm)).max(0.0);
        let passes = shots * rate < self.clock;
        if passes {
            std::mem::swap(&mut self.state, &mut ahead);
            self.norm = norm;
            self.clock -= shots * rate;
            self.renormalise();
        }
        spares.give(ahead);
        Ok(passes)
    }

    /// Draws what happens to the shots at a site.
    fn visit(&mut self, ground: &Ground<'_>, index: usize) -> CoreResult<()> {
        let spot = &ground.program.spots[index];
        let dice = &ground.program.dice[spot.dice];
        if let Some(rate) = dice.fixed_rate()
            && self.shots as f64 * rate < self.clock
        {
            self.clock -= self.shots as f64 * rate;
            self.site = Some((index, 1.0));
            return Ok(());
        }
        let at = At { state: &self.state, qubits: spot.qubits(), workers: ground.workers };
        let (quiet, others) = dice.probabilities(at, self.norm)?;
        let quiet = quiet.clamp(0.0, 1.0);
        self.site = Some((index, quiet));
        let mut hits = vec![0u64; others.len()];
        let total: f64 = others.iter().sum();
        for _ in 0..self.struck(-libm::log(quiet)) {
            let point = self.random.uniform() * total;
            hits[pick(&others, point)] += 1;
        }
        let drawn = hits.iter().enumerate().filter(|(_, shots)| **shots > 0);
        self.fates =
            drawn.map(|(kind, shots)| (Fate::Error { kind, probability: others[kind] }, *shots)).collect();
        Ok(())
    }

    /// How many of the shots fail a trial of this rate.
    fn struck(&mut self, rate: f64) -> u64 {
        let (mut struck, mut left) = (0, self.shots);
        // Also a rate of -0, the logarithm of a certainty.
        if rate <= 0.0 {
            return 0;
        }
        loop {
            // The clock counts quiet trials; the trial during which it runs out fails.
            let quiet = (self.clock / rate).floor();
            if quiet >= left as f64 {
                self.clock -= left as f64 * rate;
                return struck;
            }
            struck += 1;
            left -= quiet as u64 + 1;
            self.clock = exponential(&mut self.random);
            if left == 0 {
                return struck;
            }
        }
    }

    /// Draws the outcomes of a measurement or (without a classical bit) a reset.
    fn decide(&mut self, ground: &Ground<'_>, qubit: usize, clbit: Option<usize>) {
        let weights = collapse::weights(&self.state, qubit, ground.workers);
        let ones = self.count(self.shots, weights[1] / (weights[0] + weights[1]));
        for (value, shots) in [(false, self.shots - ones), (true, ones)] {
            let confusion = clbit.and_then(|_| ground.readout[qubit]);
            let misread = confusion.map_or(0.0, |matrix| matrix[usize::from(value)][usize::from(!value)]);
            let flipped = self.count(shots, misread);
            let weight = weights[usize::from(value)];
            for (recorded, shots) in [(value, shots - flipped), (!value, flipped)] {
                if shots > 0 {
                    self.fates.push((Fate::Outcome { qubit, clbit, value, weight, recorded }, shots));
                }
            }
        }
    }

    /// How many of so many trials succeed.
    fn count(&mut self, trials: u64, probability: f64) -> u64 {
        if probability <= 0.0 || trials == 0 {
            return 0;
        }
        if probability >= 1.0 {
            return trials;
        }
        (0..trials).filter(|_| self.random.uniform() < probability).count() as u64
    }

    /// The history of some of the shots, to which something else happens; `state` is memory for its state.
    fn fork(&mut self, ground: &Ground<'_>, fate: Fate, shots: u64, mut state: State) -> History {
        state.copy_from(&self.state);
        self.forks += 1;
        let stream = mix(self.stream ^ mix(self.forks));
        let mut random = Philox::new(ground.seed, stream);
        let clock = exponential(&mut random);
        let mut other = History {
            cursor: self.cursor.clone(),
            place: self.place,
            state,
            norm: self.norm,
            shots,
            site: self.site,
            fates: Vec::new(),
            random,
            stream,
            forks: 0,
            clock,
            errors: self.errors,
            is_own: self.is_own,
        };
        other.meet(ground, fate);
        self.shots -= shots;
        other
    }

    /// Something happens to all shots of the history.
    fn meet(&mut self, ground: &Ground<'_>, fate: Fate) {
        match fate {
            Fate::Error { kind, probability } => {
                let Some((spot, _)) = self.site.take() else { return };
                let spot = &ground.program.spots[spot];
                let dice = &ground.program.dice[spot.dice];
                dice.apply(kind, spot.qubits(), &mut self.state, ground.workers);
                self.errors += 1;
                self.scale_norm(dice.changes_norm(), probability);
            }
            Fate::Outcome { qubit, clbit, value, weight, recorded } => {
                collapse::project(&mut self.state, qubit, value, 1.0 / weight.sqrt());
                self.norm = 1.0;
                match clbit {
                    Some(clbit) => self.cursor.set(clbit, recorded),
                    None if value => collapse::flip(&mut self.state, qubit),
                    None => {}
                }
            }
        }
    }

    fn stay_quiet(&mut self, ground: &Ground<'_>, spot: usize, probability: f64) {
        let spot = &ground.program.spots[spot];
        let dice = &ground.program.dice[spot.dice];
        dice.apply_quiet(spot.qubits(), &mut self.state, ground.workers);
        self.scale_norm(dice.changes_norm(), probability);
    }

    fn scale_norm(&mut self, changes: bool, probability: f64) {
        if changes {
            self.norm *= probability;
            self.renormalise();
        }
    }

    /// Keeps the norm away from where numbers lose their digits.
    fn renormalise(&mut self) {
        if self.norm >= SMALLEST_NORM {
            return;
        }
        let factor = 1.0 / self.norm.sqrt();
        for block in self.state.blocks_mut() {
            block.re.iter_mut().chain(&mut block.im).for_each(|part| *part *= factor);
        }
        self.norm = 1.0;
    }
}

/// The beginning of a piece.
fn start(program: &Program, stretch: usize, piece: usize) -> Place {
    let part = program.stretches[stretch].pieces.get(piece).map_or(0, |piece| piece.parts.start);
    Place { stretch, piece, part }
}

/// The index of the interval of a running sum that a point falls into.
fn pick(widths: &[f64], point: f64) -> usize {
    let mut sum = 0.0;
    let found = widths.iter().position(|width| {
        sum += width;
        point < sum
    });
    // Rounding may leave the point beyond the sum: then it is the last that is not empty.
    found.or_else(|| widths.iter().rposition(|width| *width > 0.0)).unwrap_or_default()
}

/// An exponentially distributed number of mean 1.
pub(super) fn exponential(random: &mut Philox) -> f64 {
    -libm::log(1.0 - random.uniform())
}
