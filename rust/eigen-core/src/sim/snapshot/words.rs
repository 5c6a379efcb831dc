//! Words read one after another, none of them believed.

/// What is left of some words.
pub(crate) struct Words<'a>(&'a [u64]);

impl<'a> Words<'a> {
    pub fn new(words: &'a [u64]) -> Self {
        Words(words)
    }

    pub fn next(&mut self) -> Option<u64> {
        self.several(1).map(|word| word[0])
    }

    /// A word below `end`.
    pub fn index(&mut self, end: usize) -> Option<usize> {
        self.next().and_then(|word| usize::try_from(word).ok()).filter(|index| *index < end)
    }

    /// The number of things that take at least so many words each.
    pub fn count(&mut self, words: usize) -> Option<usize> {
        let most = self.0.len() / words.max(1);
        self.index(most + 1)
    }

    pub fn several(&mut self, count: usize) -> Option<&'a [u64]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
