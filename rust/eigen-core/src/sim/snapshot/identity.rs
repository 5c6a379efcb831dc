//! Which run a snapshot is of: a digest of everything that its further steps follow from.
use std::fmt;

use sha2::{Digest, Sha256};

/// A digest that is written to, as text or as numbers.
pub(crate) struct Identity(Sha256);

impl Identity {
    pub fn new() -> Self {
        Identity(Sha256::new())
    }

    /// Adds numbers bit for bit.
    pub fn floats(&mut self, numbers: impl Iterator<Item = f64>) {
        numbers.for_each(|number| self.0.update(number.to_bits().to_le_bytes()));
    }

    /// The digest in hexadecimal.
    pub fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

impl fmt::Write for Identity {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
