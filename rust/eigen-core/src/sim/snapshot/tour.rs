//! `Tour`: one run with somebody who looks after it: restored at its beginning, written down on its way.
use serde::{Deserialize, Serialize};

use super::{MOST_WORDS, Place, Reader, Watch, Writer, refused};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::sim::vector::instruction_set;
use crate::sim::workers::Workers;

/// What a snapshot says of itself. A run takes only one that says of itself what the run would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The engine's name.
    pub engine: String,
    /// The version of this crate.
    pub version: String,
    /// `f64`, `f32` or `exact`.
    pub precision: String,
    /// Rounding differs from one to the other.
    pub instruction_set: String,
    pub qubits: u64,
    /// A digest of everything that the further steps follow from.
    pub identity: String,
    /// Steps that are done.
    pub done: u64,
    /// Words before the numbers.
    pub words: u64,
    /// Numbers of the state.
    pub numbers: u64,
}

/// What all snapshots of a run have in common.
pub(crate) struct About<'a> {
    pub engine: &'static str,
    pub precision: &'static str,
    pub num_qubits: usize,
    /// Steps in all; 0 where outcomes decide.
    pub of: u64,
    /// See `Header`; made when it is first needed.
    pub identity: &'a dyn Fn() -> String,
}

/// See above.
pub(crate) struct Tour<'a> {
    watch: &'a mut dyn Watch,
    about: About<'a>,
    identity: Option<String>,
    done: u64,
}

impl<'a> Tour<'a> {
    pub fn new(watch: &'a mut dyn Watch, about: About<'a>) -> Self {
        Tour { watch, about, identity: None, done: 0 }
    }

    /// What `load` makes of the newest snapshot that is whole and of this run; `None` when there is none. `load` gets the
    /// words and the number of numbers, and reads these; what it does is only good once it is returned from here.
    pub fn restore<T>(
        &mut self,
        mut load: impl FnMut(&[u64], u64, &mut Reader<'_>) -> CoreResult<T>,
    ) -> CoreResult<Option<T>> {
        while self.watch.open()? {
            let found = self.read(&mut load);
            let is_refusal = |error: &CoreError| error.code == ErrorCode::SnapshotInvalid;
            match found {
                Ok((value, header)) => {
                    self.done = header.done;
                    let place = self.place(header.words, header.numbers);
                    self.watch.opened(Ok(place))?;
                    return Ok(Some(value));
                }
                Err(error) if is_refusal(&error) => self.watch.opened(Err(error))?,
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// So many more steps are done. `save` writes the words and numbers that it told the number of, if a snapshot is wanted.
    pub fn passed(
        &mut self,
        steps: u64,
        words: impl FnOnce() -> Vec<u64>,
        numbers: u64,
        save: impl FnOnce(&mut Writer<'_>) -> CoreResult<()>,
    ) -> CoreResult<()> {
        self.done += steps;
        let place = self.place(0, numbers);
        if !self.watch.look(place)? {
            return Ok(());
        }
        let words = words();
        let identity = self.identity.get_or_insert_with(self.about.identity);
        let header = self.about.header(identity, self.done, words.len() as u64, numbers);
        let mut writer = Writer::new(self.watch);
        writer.header(&header)?;
        writer.numbers(&words, &Workers::ONE)?;
        save(&mut writer)?;
        if writer.end()? {
            self.watch.keep(place)?;
        }
        Ok(())
    }

    fn place(&self, words: u64, numbers: u64) -> Place {
        let bytes = if self.about.precision == "f32" { 4 } else { 8 };
        Place { done: self.done, of: self.about.of, bytes: 8 * words + bytes * numbers }
    }

    fn read<T>(
        &mut self,
        load: &mut impl FnMut(&[u64], u64, &mut Reader<'_>) -> CoreResult<T>,
    ) -> CoreResult<(T, Header)> {
        let mut reader = Reader::new(self.watch);
        let header = reader.header()?;
        let identity = self.identity.get_or_insert_with(self.about.identity);
        let own = self.about.header(identity, header.done, header.words, header.numbers);
        if own != header {
            return Err(refused("the snapshot is of another run, engine or instruction set"));
        }
        if header.words > MOST_WORDS {
            return Err(refused(format!("the snapshot has `{}` words, at most {MOST_WORDS}", header.words)));
        }
        let mut words = vec![0; header.words as usize];
        reader.numbers(&mut words, &Workers::ONE)?;
        let value = load(&words, header.numbers, &mut reader)?;
        reader.end()?;
        Ok((value, header))
    }
}

impl About<'_> {
    fn header(&self, identity: &str, done: u64, words: u64, numbers: u64) -> Header {
        Header {
            engine: self.engine.to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            precision: self.precision.to_string(),
            instruction_set: instruction_set().to_string(),
            qubits: self.num_qubits as u64,
            identity: identity.to_string(),
            done,
            words,
            numbers,
        }
    }
}
