//! Layouts that need no SWAP: the interaction graph as a subgraph of the device, by backtracking with a budget of steps.
//!
//! What is looked for is a monomorphism (as in VF2: Cordella, Foggia, Sansone and Vento, IEEE TPAMI 26, 1367, 2004);
//! a budget that runs out proves nothing. Chains are tried along long ways of the device first.
use super::layout::Layout;
use super::placement::Interactions;
use super::topology::Topology;

/// How many solutions are compared where error rates are known.
const COMPARED: usize = 64;

/// A layout under which all that meet are neighbours, the one with the fewest expected errors among those found.
pub(super) fn embedded(
    interactions: &Interactions,
    topology: &Topology,
    allowed: &[u32],
    num_qubits: usize,
    budget: usize,
) -> Option<Layout> {
    let plan = Plan::of(interactions, topology)?;
    let mut search = Backtracking::new(&plan, topology, allowed);
    let wanted = if topology.has_errors() { COMPARED } else { 1 };
    let mut best: Option<(f64, Vec<u32>)> = None;
    // Each root of the first part gets its share of the budget.
    let share = (budget / allowed.len().clamp(1, 16)).max(4 * plan.order.len());
    let mut left = budget;
    let mut found = 0;
    for root in search.roots(0) {
        let mut steps = share.min(left);
        left -= steps;
        search.begin(root);
        while found < wanted && search.next(&mut steps) {
            found += 1;
            let error = expected_errors(&search.image, interactions, topology);
            if best.as_ref().is_none_or(|(least, _)| error < *least) {
                best = Some((error, search.image.clone()));
            }
        }
        left += steps;
        if left == 0 || found >= wanted {
            break;
        }
    }
    best.map(|(_, image)| {
        Layout::of(&filled(&image[..num_qubits], topology.num_qubits()), topology.num_qubits())
    })
}

fn expected_errors(image: &[u32], interactions: &Interactions, topology: &Topology) -> f64 {
    let mut total = 0.0;
    for (logical, partners) in interactions.partners.iter().enumerate() {
        for (partner, weight) in partners.iter().filter(|(partner, _)| *partner as usize > logical) {
            let edge = topology.edge(image[logical], image[*partner as usize]);
            let rate = edge.map_or(0.0, |edge| topology.error(edge));
            total -= weight * libm::log((1.0 - rate).max(1e-9));
        }
    }
    total
}

const NOWHERE: u32 = u32::MAX;

/// The places with those that are nowhere on free qubits, ascending.
pub(super) fn filled(places: &[u32], width: usize) -> Vec<u32> {
    let mut taken = vec![false; width];
    places.iter().filter(|at| **at != NOWHERE).for_each(|at| taken[*at as usize] = true);
    let mut free = (0..width as u32).filter(|qubit| !taken[*qubit as usize]);
    places.iter().map(|at| if *at == NOWHERE { free.next().unwrap_or(0) } else { *at }).collect()
}

/// The qubits that meet, chain after chain, if all of them stand in chains.
pub(super) fn chained(interactions: &Interactions) -> Option<Vec<u32>> {
    let mut order: Vec<u32> = Vec::new();
    for end in chain_ends(interactions) {
        let (mut before, mut at) = (end as u32, end as u32);
        loop {
            order.push(at);
            let partners = interactions.partners[at as usize].iter().map(|(other, _)| *other);
            let Some(next) = partners.into_iter().find(|other| *other != before) else { break };
            (before, at) = (at, next);
        }
    }
    (order.len() == interactions.active().len()).then_some(order)
}

/// The order in which logical qubits are placed.
struct Plan {
    order: Vec<u32>,
    /// The partners placed before each, and how many come after it.
    before: Vec<Vec<u32>>,
    after: Vec<usize>,
}

impl Plan {
    /// Part by part; in each the qubit with the most placed partners next. Nothing if a qubit has too many partners.
    fn of(interactions: &Interactions, topology: &Topology) -> Option<Self> {
        let partners = &interactions.partners;
        let widest = (0..topology.num_qubits() as u32).map(|qubit| topology.neighbours(qubit).len()).max()?;
        if partners.iter().any(|list| list.len() > widest) {
            return None;
        }
        let mut placed = vec![0usize; partners.len()];
        let mut done = vec![false; partners.len()];
        let active: Vec<usize> = (0..partners.len()).filter(|k| !partners[*k].is_empty()).collect();
        let mut plan = Self { order: Vec::new(), before: Vec::new(), after: Vec::new() };
        let mut border: Vec<usize> = Vec::new();
        let mut ends: Vec<usize> = active.clone();
        // Chains begin at an end, everything else where it is densest.
        ends.sort_by_key(|k| std::cmp::Reverse(partners[*k].len()));
        let chains = chain_ends(interactions);
        ends.retain(|k| !chains.contains(k));
        let mut starts = ends.into_iter().chain(chains).collect::<Vec<_>>().into_iter();
        while plan.order.len() < active.len() {
            let best =
                border.iter().copied().max_by_key(|k| (placed[*k], partners[*k].len(), usize::MAX - *k));
            let next = best.or_else(|| starts.by_ref().find(|k| !done[*k]))?;
            border.retain(|k| *k != next);
            done[next] = true;
            let earlier =
                partners[next].iter().map(|(other, _)| *other).filter(|other| done[*other as usize]);
            let earlier: Vec<u32> = earlier.collect();
            plan.after.push(partners[next].len() - earlier.len());
            plan.before.push(earlier);
            plan.order.push(next as u32);
            for (other, _) in &partners[next] {
                placed[*other as usize] += 1;
                if !done[*other as usize] && !border.contains(&(*other as usize)) {
                    border.push(*other as usize);
                }
            }
        }
        Some(plan)
    }
}

/// One end of each part that is a chain, longest chains first.
fn chain_ends(interactions: &Interactions) -> Vec<usize> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut seen = vec![false; interactions.partners.len()];
    for end in (0..seen.len()).filter(|k| interactions.partners[*k].len() == 1) {
        let (mut at, mut length) = (end, 1);
        while !std::mem::replace(&mut seen[at], true) {
            let next = interactions.partners[at].iter().find(|(other, _)| !seen[*other as usize]);
            let Some((next, _)) = next.filter(|_| interactions.partners[at].len() < 3) else { break };
            (at, length) = (*next as usize, length + 1);
        }
        if length > 1 && interactions.partners[at].len() == 1 {
            found.push((length, end));
        }
    }
    found.sort_by_key(|(length, end)| (std::cmp::Reverse(*length), *end));
    found.into_iter().map(|(_, end)| end).collect()
}

struct Backtracking<'a> {
    plan: &'a Plan,
    topology: &'a Topology,
    allowed: &'a [u32],
    is_free: Vec<bool>,
    image: Vec<u32>,
    /// The places still to be tried for each placed qubit, the next one last.
    open: Vec<Vec<u32>>,
}

impl<'a> Backtracking<'a> {
    fn new(plan: &'a Plan, topology: &'a Topology, allowed: &'a [u32]) -> Self {
        let mut is_free = vec![false; topology.num_qubits()];
        allowed.iter().for_each(|qubit| is_free[*qubit as usize] = true);
        let image = vec![NOWHERE; topology.num_qubits()];
        Self { plan, topology, allowed, is_free, image, open: Vec::new() }
    }

    fn free_around(&self, physical: u32) -> usize {
        self.topology.neighbours(physical).iter().filter(|(next, _)| self.is_free[*next as usize]).count()
    }

    /// Places for the qubit at `depth` of the order, the most cornered first.
    fn roots(&self, depth: usize) -> Vec<u32> {
        let Some(after) = self.plan.after.get(depth) else { return Vec::new() };
        let before = &self.plan.before[depth];
        let fits = |physical: &u32| {
            self.is_free[*physical as usize]
                && self.free_around(*physical) >= *after
                && before
                    .iter()
                    .all(|other| self.topology.distance(*physical, self.image[*other as usize]) == 1)
        };
        let mut places: Vec<u32> = match before.first() {
            Some(other) => {
                let around = self.topology.neighbours(self.image[*other as usize]);
                around.iter().map(|(next, _)| *next).filter(fits).collect()
            }
            None => self.allowed.iter().copied().filter(fits).collect(),
        };
        places.sort_by_key(|physical| (self.free_around(*physical), *physical));
        places
    }

    /// Starts anew with the first qubit at a place.
    fn begin(&mut self, root: u32) {
        while !self.open.is_empty() {
            self.back();
        }
        self.open.push(vec![root]);
    }

    /// Forgets the deepest level.
    fn back(&mut self) {
        self.open.pop();
        if let Some(depth) = self.open.len().checked_sub(1) {
            self.lift(depth);
        }
    }

    fn lift(&mut self, depth: usize) {
        let logical = self.plan.order[depth] as usize;
        let at = std::mem::replace(&mut self.image[logical], NOWHERE);
        if at != NOWHERE {
            self.is_free[at as usize] = true;
        }
    }

    /// Goes on to the next solution; false when there is none or the steps are used up.
    fn next(&mut self, steps: &mut usize) -> bool {
        let total = self.plan.order.len();
        if self.open.len() > total {
            self.back();
        }
        while let Some(places) = self.open.last_mut() {
            let Some(place) = places.pop() else {
                self.back();
                continue;
            };
            if *steps == 0 {
                return false;
            }
            *steps -= 1;
            let depth = self.open.len() - 1;
            self.image[self.plan.order[depth] as usize] = place;
            self.is_free[place as usize] = false;
            let mut places = self.roots(depth + 1);
            places.reverse();
            self.open.push(places);
            if depth + 1 == total {
                return true;
            }
            if self.open.last().is_some_and(Vec::is_empty) {
                self.back();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interactions(width: usize, edges: &[(u32, u32)]) -> Interactions {
        let mut partners = vec![Vec::new(); width];
        for (a, b) in edges {
            partners[*a as usize].push((*b, 1.0));
            partners[*b as usize].push((*a, 1.0));
        }
        Interactions { partners }
    }

    /// Two hexagons of qubits with a qubit on each of their edges.
    fn heavy() -> Topology {
        let ring: Vec<(u32, u32)> = (0..12).map(|k| (k, (k + 1) % 12)).collect();
        let more = [(0, 12), (12, 13), (13, 14), (14, 15), (15, 16), (16, 17), (17, 18), (18, 4)];
        Topology::new(19, &[ring, more.to_vec()].concat(), None).expect("valid")
    }

    #[test]
    fn rings_and_trees_are_found() {
        let topology = heavy();
        let allowed: Vec<u32> = (0..19).collect();
        let ring: Vec<(u32, u32)> = (0..12).map(|k| (k * 5 % 12, (k + 1) * 5 % 12)).collect();
        let tree = [(0, 1), (0, 2), (0, 3), (3, 4), (2, 5), (5, 6)];
        for edges in [&ring[..], &tree[..]] {
            let wanted = interactions(19, edges);
            let layout = embedded(&wanted, &topology, &allowed, 19, 10_000).expect("it is there");
            let met =
                |(a, b): &(u32, u32)| topology.distance(layout.place[*a as usize], layout.place[*b as usize]);
            assert!(edges.iter().all(|edge| met(edge) == 1));
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let topology = heavy();
        let allowed: Vec<u32> = (0..19).collect();
        let triangle = interactions(19, &[(0, 1), (1, 2), (2, 0)]);
        assert!(embedded(&triangle, &topology, &allowed, 19, 100_000).is_none());
        let star = interactions(19, &[(0, 1), (0, 2), (0, 3), (0, 4)]);
        assert!(embedded(&star, &topology, &allowed, 19, 100_000).is_none());
    }

    #[test]
    fn chains_are_listed_end_to_end() {
        assert_eq!(chained(&interactions(7, &[(3, 1), (1, 5), (0, 6)])), Some(vec![3, 1, 5, 0, 6]));
        assert_eq!(chained(&interactions(3, &[(0, 1), (1, 2), (2, 0)])), None);
    }
}
