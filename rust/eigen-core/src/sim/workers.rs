//! Threads: runs numbered pieces of work. What a piece computes never depends on how many threads there are.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::error::{CoreError, CoreResult, ErrorCode};

/// A pool of threads, or none.
#[derive(Clone)]
pub(crate) struct Workers {
    pool: Option<Arc<ThreadPool>>,
}

impl Workers {
    /// The caller's own thread.
    pub const ONE: Workers = Workers { pool: None };

    /// Number of threads.
    pub fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads())
    }

    /// Threads for `threads` (0: one per core of the machine). One thread means the caller's own.
    pub fn new(threads: usize) -> CoreResult<Self> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            chosen => chosen,
        };
        let pool = if threads == 1 { None } else { Some(shared_pool(threads)?) };
        Ok(Workers { pool })
    }

    /// Calls `work(k, chunk k)` for every chunk of at most `size` items.
    pub fn each_chunk<T: Send>(
        &self,
        items: &mut [T],
        size: usize,
        work: impl Fn(usize, &mut [T]) + Sync + Send,
    ) {
        match &self.pool {
            Some(pool) if items.len() > size => {
                pool.install(|| items.par_chunks_mut(size).enumerate().for_each(|(k, chunk)| work(k, chunk)));
            }
            _ => items.chunks_mut(size).enumerate().for_each(|(k, chunk)| work(k, chunk)),
        }
    }

    /// The values of `work(k)` for every `k` below `count`, in order.
    pub fn map<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        match &self.pool {
            Some(pool) if count > 1 => pool.install(|| (0..count).into_par_iter().map(work).collect()),
            _ => (0..count).map(work).collect(),
        }
    }
}

/// One pool for each number of threads in the process: starting threads costs more than a small circuit.
fn shared_pool(threads: usize) -> CoreResult<Arc<ThreadPool>> {
    static POOLS: OnceLock<Mutex<HashMap<usize, Arc<ThreadPool>>>> = OnceLock::new();
    const MOST_THREADS: usize = 1024;
    if threads > MOST_THREADS {
        return Err(CoreError::limit("threads of the state-vector engine", MOST_THREADS, threads));
    }
    let mut pools = POOLS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Ok(pool.clone());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
        CoreError::new(
            ErrorCode::ResourceExhausted,
            format!("the system refuses `{threads}` threads: {error}"),
        )
        .with_hint("ask for fewer threads")
    })?;
    let pool = Arc::new(pool);
    pools.insert(threads, pool.clone());
    Ok(pool)
}
