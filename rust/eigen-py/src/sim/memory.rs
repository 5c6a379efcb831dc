//! The default memory limit: nine tenths of what the system says is free, within the control group's limit.
use std::fs::read_to_string;

/// States of up to this many qubits (16 MiB) are not checked by default.
pub const SMALL_QUBITS: usize = 20;
/// Where the system says nothing.
const UNKNOWN_BYTES: u64 = 4 << 30;

/// Bytes that a state may take.
pub fn available_bytes() -> u64 {
    let free = [meminfo(), control_group()].into_iter().flatten().min().unwrap_or(UNKNOWN_BYTES);
    free / 10 * 9
}

/// `MemAvailable` of `/proc/meminfo`.
fn meminfo() -> Option<u64> {
    let text = read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Limit less use of the control group, version 2 or 1; `None` without a limit.
fn control_group() -> Option<u64> {
    let number = |path: &str| read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let v2 = || Some((number("/sys/fs/cgroup/memory.max")?, number("/sys/fs/cgroup/memory.current")?));
    let v1 = || {
        let folder = "/sys/fs/cgroup/memory";
        Some((
            number(&format!("{folder}/memory.limit_in_bytes"))?,
            number(&format!("{folder}/memory.usage_in_bytes"))?,
        ))
    };
    let (limit, used) = v2().or_else(v1)?;
    Some(limit.saturating_sub(used))
}
