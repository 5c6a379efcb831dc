//! What a document says about a circuit: detectors, observables, coordinates, as metadata in JSON.
use super::gates::Note;
use crate::json::Writer;

/// The notes so far; classical bits by number, coordinates added up.
#[derive(Default)]
pub(super) struct Notes {
    shift: Vec<f64>,
    written: [Option<Writer>; 3],
}

/// The metadata that keep detectors, observables and coordinates.
const KEYS: [&str; 3] = ["stim.detectors", "stim.observables", "stim.coordinates"];

impl Notes {
    /// Moves what comes later.
    pub fn shift(&mut self, by: &[f64]) {
        self.shift.resize(self.shift.len().max(by.len()), 0.0);
        self.shift.iter_mut().zip(by).for_each(|(sum, by)| *sum += by);
    }

    /// Keeps one note: its numbers, and the bits or qubits that it is about.
    pub fn keep(&mut self, note: Note, numbers: &[f64], about: &[u32]) {
        let writer = self.written[note as usize].get_or_insert_with(|| {
            let mut writer = Writer::default();
            writer.array();
            writer
        });
        writer.array();
        writer.array();
        for (index, number) in numbers.iter().enumerate() {
            match note {
                Note::Observable => writer.int(*number as i64),
                _ => writer.float(number + self.shift.get(index).copied().unwrap_or(0.0)),
            }
        }
        if note == Note::Observable && numbers.is_empty() {
            writer.int(0);
        }
        writer.end_array();
        writer.indices(about);
        writer.end_array();
    }

    /// Keys and texts.
    pub fn metadata(self) -> impl Iterator<Item = (&'static str, String)> {
        KEYS.into_iter().zip(self.written).filter_map(|(key, writer)| {
            let mut writer = writer?;
            writer.end_array();
            Some((key, String::from_utf8_lossy(&writer.into_bytes()).into_owned()))
        })
    }
}
