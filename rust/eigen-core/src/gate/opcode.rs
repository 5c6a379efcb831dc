//! Opcodes: every gate of the table, then the instructions that are no gates, then control-flow markers.

macro_rules! opcodes {
    (gates { $($gate:ident $gate_name:literal,)* } others { $($other:ident $other_name:literal,)* }) => {
        /// What an operation is. The number is an index into the gate table for gates; it is not stable across
        /// versions, the name is.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Opcode { $($gate,)* $($other,)* }

        impl Opcode {
            /// Every gate, in table order.
            pub const GATES: &'static [Opcode] = &[$(Opcode::$gate,)*];
            /// Every instruction that is no gate.
            pub const OTHERS: &'static [Opcode] = &[$(Opcode::$other,)*];

            /// The canonical name, such as `CX`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Opcode::$gate => $gate_name,)*
                    $(Opcode::$other => $other_name,)*
                }
            }
        }
    };
}

opcodes! {
    gates {
        I "I", X "X", Y "Y", Z "Z", H "H", S "S", Sdg "Sdg", T "T", Tdg "Tdg", Sx "SX", Sxdg "SXdg",
        Rx "RX", Ry "RY", Rz "RZ", P "P", U "U",
        Cx "CX", Cy "CY", Cz "CZ", Ch "CH", Cp "CP", Crx "CRX", Cry "CRY", Crz "CRZ", Cu "CU",
        Swap "SWAP", Iswap "ISWAP", Ecr "ECR", Rxx "RXX", Ryy "RYY", Rzz "RZZ", Rzx "RZX",
        Fsim "FSIM", XxPlusYy "XXPLUSYY",
        Ccx "CCX", Ccz "CCZ", Cswap "CSWAP", Mcx "MCX", Mcp "MCP",
        PauliRot "PAULI_ROT", Unitary "UNITARY",
        Gpi "GPI", Gpi2 "GPI2", Ms "MS", Gphase "GPHASE",
    }
    others {
        Barrier "BARRIER", Delay "DELAY", Measure "MEASURE", Reset "RESET", Compute "COMPUTE",
        If "IF", Else "ELSE", While "WHILE", For "FOR", End "END",
    }
}

impl Opcode {
    /// Whether it is a gate of the table.
    pub fn is_gate(self) -> bool {
        (self as usize) < Self::GATES.len()
    }

    /// Whether it opens a block.
    pub fn opens_block(self) -> bool {
        matches!(self, Self::If | Self::While | Self::For)
    }

    /// Whether it delimits blocks (`IF ELSE WHILE FOR END`).
    pub fn is_control_flow(self) -> bool {
        self >= Self::If
    }

    /// Whether it only closes or splits a block and so does not count as an operation.
    pub fn is_marker(self) -> bool {
        matches!(self, Self::Else | Self::End)
    }
}
