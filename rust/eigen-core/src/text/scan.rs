//! Pieces of tokens: runs of bytes, and numbers as every language of circuits writes them.

/// How many bytes at the beginning are of a kind.
#[inline]
pub(crate) fn run(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !is(*byte)).unwrap_or(bytes.len())
}

/// How many digits stand at the beginning.
#[inline]
pub(crate) fn digits(bytes: &[u8]) -> usize {
    run(bytes, |byte| byte.is_ascii_digit())
}

/// Whether a byte can stand in a name, behind its first.
#[inline]
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The number at the beginning of a text: its length, and whether it is whole. An exponent counts when it has digits.
pub(crate) fn number(bytes: &[u8]) -> Option<(usize, bool)> {
    let whole = digits(bytes);
    let mut length = whole;
    let mut is_whole = true;
    if bytes.get(whole) == Some(&b'.') {
        let fraction = digits(&bytes[whole + 1..]);
        if whole + fraction == 0 {
            return None;
        }
        length += 1 + fraction;
        is_whole = false;
    }
    if length == 0 {
        return None;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(length + 1 + sign..).map_or(0, digits);
        if exponent > 0 {
            length += 1 + sign + exponent;
            is_whole = false;
        }
    }
    Some((length, is_whole))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_end_where_they_should() {
        for (text, found) in [
            ("12]", Some((2, true))),
            ("1.5e-3+", Some((6, false))),
            (".5", Some((2, false))),
            ("2.", Some((2, false))),
            ("2e", Some((1, true))),
            ("2e+i", Some((1, true))),
            (".", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(number(text.as_bytes()), found, "{text}");
        }
    }
}
