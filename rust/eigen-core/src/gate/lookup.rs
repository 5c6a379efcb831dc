//! Gate names to opcodes: canonical names in any case, aliases, and suggestions for a misspelt one.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::{GateSpec, Opcode, TABLE};

static NAMES: LazyLock<HashMap<String, Opcode>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for spec in TABLE {
        names.insert(spec.name().to_ascii_lowercase(), spec.opcode);
        for alias in spec.aliases {
            names.insert((*alias).to_string(), spec.opcode);
        }
    }
    names
});

/// The gate of a name or alias, in any case.
pub fn find(name: &str) -> Option<&'static GateSpec> {
    if name.len() > 32 {
        return None;
    }
    let opcode = NAMES.get(name).or_else(|| NAMES.get(&name.to_ascii_lowercase()))?;
    GateSpec::of(*opcode)
}

/// The canonical gate name nearest to a misspelt one, within two edits.
pub fn suggest(name: &str) -> Option<&'static str> {
    if name.len() > 32 {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    let nearest = NAMES.iter().map(|(known, opcode)| (distance(&wanted, known), *opcode)).min()?;
    (nearest.0 <= 2 && nearest.0 < wanted.chars().count()).then(|| nearest.1.name())
}

/// The Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_by_alias() {
        for (name, opcode) in
            [("cx", Opcode::Cx), ("CNOT", Opcode::Cx), ("Sdg", Opcode::Sdg), ("toffoli", Opcode::Ccx)]
        {
            assert_eq!(find(name).map(|spec| spec.opcode), Some(opcode), "{name}");
        }
        assert!(find("nope").is_none());
    }

    #[test]
    fn misspelt_names_get_a_suggestion() {
        assert_eq!(suggest("RXY"), Some("RX"));
        assert_eq!(suggest("swpa"), Some("SWAP"));
        assert_eq!(suggest("entangle_everything"), None);
    }
}
