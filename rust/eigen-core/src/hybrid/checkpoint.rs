//! A search as text and back: versioned JSON with its digest, so that it goes on elsewhere as if nothing had happened.
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::search::Search;
use crate::error::{CoreError, CoreResult, ErrorCode};

/// The version of the form. Another one is refused: its states may mean something else.
pub const CHECKPOINT_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    version: u32,
    /// sha256 of the canonical text of `search`.
    sha256: String,
    /// The values of the iterations after the first `earlier` ones.
    history: Vec<f64>,
    earlier: u64,
    search: Search,
}

impl Search {
    /// The search as JSON. `earlier` iterations are known to the reader: their values are left out.
    pub fn checkpoint(&self, earlier: usize) -> CoreResult<String> {
        let history = self.history(earlier).to_vec();
        let earlier = self.iterations() - history.len() as u64;
        let search = self.clone();
        let document =
            Checkpoint { version: CHECKPOINT_VERSION, sha256: digest(&search)?, history, earlier, search };
        serde_json::to_string(&document).map_err(|error| unreadable(&error.to_string()))
    }

    /// The search that `checkpoint` wrote. `earlier` holds the values of the iterations that it left out; without them
    /// its history begins after these.
    pub fn resume(text: &str, earlier: Option<&[f64]>) -> CoreResult<Self> {
        let document: Checkpoint =
            serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
        if document.version != CHECKPOINT_VERSION {
            return Err(unreadable(&format!(
                "its version is `{}`, not {CHECKPOINT_VERSION}",
                document.version
            )));
        }
        let mut search = document.search;
        if digest(&search)? != document.sha256 || !search.is_sound() {
            return Err(unreadable("its content is not what its digest says"));
        }
        if document.earlier.checked_add(document.history.len() as u64) != Some(search.iterations()) {
            return Err(unreadable("its history is not as long as its iterations"));
        }
        match earlier {
            None => search.record.history = document.history,
            Some(earlier) if earlier.len() as u64 == document.earlier => {
                search.record.history = [earlier, &document.history].concat();
            }
            Some(earlier) => {
                let (given, left_out) = (earlier.len(), document.earlier);
                let why = format!("it left out the values of {left_out} iterations, `{given}` came");
                return Err(unreadable(&why));
            }
        }
        Ok(search)
    }
}

fn digest(search: &Search) -> CoreResult<String> {
    let text = serde_json::to_vec(search).map_err(|error| unreadable(&error.to_string()))?;
    Ok(Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn unreadable(why: &str) -> CoreError {
    let why: String = why.chars().take(200).collect();
    CoreError::new(ErrorCode::SimulationArguments, format!("this is no checkpoint of a search: {why}"))
}
