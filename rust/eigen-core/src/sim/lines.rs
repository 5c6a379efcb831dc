//! The memory arena: buffers of whole 64-byte lines for states, tiles and constants, on huge pages where they are large.
use std::alloc::Layout;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Bytes of a line of the cache.
pub(crate) const LINE_BYTES: usize = 64;

/// What every buffer is aligned to.
#[repr(align(64))]
struct Line;

/// Plain numbers, for which zero bytes are a value.
///
/// # Safety
///
/// The type has no padding, no drop and no invalid bit patterns, and its alignment is at most a line.
pub(crate) unsafe trait Plain: Copy {}

// SAFETY: a float.
unsafe impl Plain for f64 {}
// SAFETY: a float.
unsafe impl Plain for f32 {}

/// A buffer of zeros at first, aligned to lines.
pub(crate) struct Lines<T: Plain> {
    start: NonNull<T>,
    len: usize,
    bytes: usize,
}

// SAFETY: the buffer is owned like that of a `Vec`.
unsafe impl<T: Plain + Send> Send for Lines<T> {}
// SAFETY: as above.
unsafe impl<T: Plain + Sync> Sync for Lines<T> {}

impl<T: Plain> Lines<T> {
    /// `len` zeros, few enough that the system gives them like those of a `Vec`.
    pub fn new(len: usize) -> Self {
        let refused = || std::alloc::handle_alloc_error(Layout::new::<T>());
        Lines::zeros(len).unwrap_or_else(refused)
    }

    /// `len` zeros; `None` when the system refuses the memory.
    pub fn zeros(len: usize) -> Option<Self> {
        let bytes = len.checked_mul(size_of::<T>())?;
        let start = if bytes == 0 { NonNull::<Line>::dangling().cast() } else { allocate(bytes)?.cast() };
        Some(Lines { start, len, bytes })
    }
}

impl<T: Plain> Drop for Lines<T> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            // SAFETY: allocated with the same size, and nobody borrows it any more.
            unsafe { free(self.start.cast(), self.bytes) };
        }
    }
}

/// Large buffers come from the system at once: zero pages that are touched first by whoever works on them.
#[cfg(all(target_os = "linux", not(any(miri, sanitized))))]
mod large {
    use super::NonNull;

    /// Bytes of a huge page: buffers from this size on are given whole ones.
    pub const HUGE_PAGE_BYTES: usize = 2 << 20;

    /// Zeros at a multiple of the huge page.
    pub fn map(bytes: usize) -> Option<NonNull<u8>> {
        let whole = bytes.checked_add(2 * HUGE_PAGE_BYTES)?;
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new private mapping of our own.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), whole, access, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        let skipped = start.cast::<u8>().align_offset(HUGE_PAGE_BYTES);
        let used = bytes.next_multiple_of(HUGE_PAGE_BYTES);
        // SAFETY: the parts before and behind the buffer belong to the mapping and are used by nobody; the advice
        // changes nothing but the size of pages, and a refusal costs only time.
        unsafe {
            let buffer = start.cast::<u8>().add(skipped);
            if skipped > 0 {
                libc::munmap(start, skipped);
            }
            libc::munmap(buffer.add(used).cast(), whole - skipped - used);
            libc::madvise(buffer.cast(), used, libc::MADV_HUGEPAGE);
            NonNull::new(buffer)
        }
    }

    /// SAFETY: `start` and `bytes` are those of `map`.
    pub unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
        // SAFETY: the caller's promise.
        unsafe { libc::munmap(start.as_ptr().cast(), bytes.next_multiple_of(HUGE_PAGE_BYTES)) };
    }
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, LINE_BYTES).ok()
}

fn allocate(bytes: usize) -> Option<NonNull<u8>> {
    #[cfg(all(target_os = "linux", not(any(miri, sanitized))))]
    if bytes >= large::HUGE_PAGE_BYTES {
        return large::map(bytes);
    }
    // SAFETY: the layout has a size.
    NonNull::new(unsafe { std::alloc::alloc_zeroed(layout(bytes)?) })
}

/// SAFETY: `start` and `bytes` are those of `allocate`.
unsafe fn free(start: NonNull<u8>, bytes: usize) {
    #[cfg(all(target_os = "linux", not(any(miri, sanitized))))]
    if bytes >= large::HUGE_PAGE_BYTES {
        // SAFETY: the caller's promise.
        return unsafe { large::unmap(start, bytes) };
    }
    if let Some(layout) = layout(bytes) {
        // SAFETY: allocated with the same layout.
        unsafe { std::alloc::dealloc(start.as_ptr(), layout) };
    }
}

impl<T: Plain> Deref for Lines<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `len` numbers lie there, zeros at first.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> DerefMut for Lines<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> std::fmt::Debug for Lines<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Lines({} numbers)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_zero_and_aligned() {
        for len in [0, 1, 16, 1 << 10, 1 << 19] {
            let mut lines = Lines::<f64>::zeros(len).expect("memory");
            assert_eq!(lines.len(), len);
            assert!(lines.as_ptr().addr().is_multiple_of(LINE_BYTES));
            assert!(lines.iter().all(|x| *x == 0.0));
            lines.fill(1.0);
        }
        assert!(Lines::<f64>::zeros(usize::MAX / 8).is_none());
    }
}
