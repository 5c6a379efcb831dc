//! The canonical writer: UTF-8, keys in ascending order, no white space, floats as `float_text` writes them.
//! Bytes equal Python's `json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
use super::{Json, float_text};

/// Appends canonical JSON to a buffer. Keys must be written in ascending order; the caller sees to it.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    comma: bool,
}

impl Writer {
    /// The bytes written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn value_begins(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
        self.comma = true;
    }

    fn open(&mut self, mark: u8) {
        self.value_begins();
        self.out.push(mark);
        self.comma = false;
    }

    fn close(&mut self, mark: u8) {
        self.out.push(mark);
        self.comma = true;
    }

    /// Begins an object.
    pub fn object(&mut self) {
        self.open(b'{');
    }

    /// Ends an object.
    pub fn end_object(&mut self) {
        self.close(b'}');
    }

    /// Begins an array.
    pub fn array(&mut self) {
        self.open(b'[');
    }

    /// Ends an array.
    pub fn end_array(&mut self) {
        self.close(b']');
    }

    /// A key; its value follows.
    pub fn key(&mut self, key: &str) {
        self.text(key);
        self.out.push(b':');
        self.comma = false;
    }

    /// A string.
    pub fn text(&mut self, text: &str) {
        self.value_begins();
        self.out.push(b'"');
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.out.extend_from_slice(&text.as_bytes()[plain..at]);
            plain = at + 1;
            match byte {
                b'"' => self.out.extend_from_slice(b"\\\""),
                b'\\' => self.out.extend_from_slice(b"\\\\"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                0x08 => self.out.extend_from_slice(b"\\b"),
                0x0c => self.out.extend_from_slice(b"\\f"),
                other => self.out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
            }
        }
        self.out.extend_from_slice(&text.as_bytes()[plain..]);
        self.out.push(b'"');
    }

    /// A finite float.
    pub fn float(&mut self, value: f64) {
        self.raw(&float_text(value));
    }

    /// A whole number.
    pub fn int(&mut self, value: impl Into<i128>) {
        self.raw(&value.into().to_string());
    }

    /// A Boolean.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// A token that is already canonical, such as the digits of a large whole number.
    pub fn raw(&mut self, token: &str) {
        self.value_begins();
        self.out.extend_from_slice(token.as_bytes());
    }

    /// A list of indices.
    pub fn indices(&mut self, indices: &[u32]) {
        self.array();
        for index in indices {
            self.int(i128::from(*index));
        }
        self.end_array();
    }
}

/// Writes any value canonically.
pub fn write_value(writer: &mut Writer, value: &Json) {
    match value {
        Json::Null => writer.null(),
        Json::Bool(value) => writer.bool(*value),
        Json::Int(value) => writer.int(*value),
        Json::Float(value) => writer.float(*value),
        Json::Text(text) => writer.text(text),
        Json::Array(values) => {
            writer.array();
            values.iter().for_each(|value| write_value(writer, value));
            writer.end_array();
        }
        Json::Object(members) => {
            let mut sorted: Vec<&(String, Json)> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            writer.object();
            for (key, value) in sorted {
                writer.key(key);
                write_value(writer, value);
            }
            writer.end_object();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn keys_are_sorted_and_text_is_escaped() {
        let value = parse("{\"b\":[1,2.5,null],\"a\":\"é\\u0001\\n\\\"\\u007f\"}".as_bytes()).expect("valid");
        let mut writer = Writer::default();
        write_value(&mut writer, &value);
        assert_eq!(
            String::from_utf8(writer.into_bytes()).expect("utf8"),
            "{\"a\":\"é\\u0001\\n\\\"\u{7f}\",\"b\":[1,2.5,null]}"
        );
    }
}
