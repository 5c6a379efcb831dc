//! The rules that every circuit keeps, checked when it is built and, after a pass, again on demand.
use crate::circuit::{Circuit, Instruction, Payload, Register};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{Arity, GateSpec, Opcode};
use crate::limits::{MAX_METADATA, MAX_METADATA_BYTES, MAX_NAME_BYTES, MAX_UNITARY_QUBITS};

/// `1 qubit`, `2 qubits`.
fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn arguments(message: String) -> CoreError {
    CoreError::new(ErrorCode::GateArguments, message)
}

/// Checks one gate on its own: arity, parameters, controls, payload.
pub(crate) fn gate(spec: &GateSpec, gate: &Instruction) -> CoreResult<()> {
    let given = gate.qubits.len();
    let controls = gate.detail.modifier.controls as usize;
    let acted = given.checked_sub(controls).ok_or_else(|| {
        arguments(format!("{} has {controls} added controls but only `{given}` qubits", spec.name()))
    })?;
    let fits = match spec.arity {
        Arity::Fixed(count) => acted == count,
        Arity::ControlsAndTarget(least) | Arity::Payload(least) => acted >= least,
    };
    if !fits {
        let wanted = match spec.arity {
            Arity::Fixed(count) => plural(count, "qubit"),
            Arity::ControlsAndTarget(least) | Arity::Payload(least) => {
                format!("at least {}", plural(least, "qubit"))
            }
        };
        let besides =
            if controls > 0 { format!(" besides {controls} added controls") } else { String::new() };
        return Err(arguments(format!("{} acts on {wanted}{besides}, not on `{acted}`", spec.name())));
    }
    if gate.params.len() != spec.params.len() {
        let names =
            if spec.params.is_empty() { String::new() } else { format!(" ({})", spec.params.join(", ")) };
        let message = format!(
            "{} takes {}{names}, not `{}`",
            spec.name(),
            plural(spec.params.len(), "parameter"),
            gate.params.len()
        );
        return Err(arguments(message));
    }
    if !gate.clbits.is_empty() {
        return Err(arguments(format!("{} writes no classical bits", spec.name())));
    }
    gate.params.iter().try_for_each(|param| param.check())?;
    payload(spec.opcode, &gate.detail.payload, acted)?;
    distinct(&gate.qubits, "qubit")
}

fn payload(opcode: Opcode, payload: &Payload, acted: usize) -> CoreResult<()> {
    match (opcode, payload) {
        (Opcode::Unitary, Payload::Matrix(matrix)) => {
            if acted > MAX_UNITARY_QUBITS {
                return Err(CoreError::limit("qubits of a UNITARY", MAX_UNITARY_QUBITS, acted));
            }
            if matrix.num_qubits() != Some(acted) {
                let message = format!("a matrix with `{}` rows does not act on {acted} qubits", matrix.dim());
                return Err(arguments(message));
            }
            if !matrix.is_unitary() {
                let error = CoreError::new(ErrorCode::GateNotUnitary, "the matrix is not unitary to 1e-9");
                return Err(error.with_hint("its columns must be orthonormal"));
            }
            Ok(())
        }
        (Opcode::PauliRot, Payload::Pauli(letters)) => {
            if letters.len() != acted || letters.iter().any(|letter| !b"IXYZ".contains(letter)) {
                let shown: String = String::from_utf8_lossy(letters).chars().take(40).collect();
                return Err(arguments(format!(
                    "Pauli string `{shown}` must be {acted} letters out of I X Y Z"
                )));
            }
            Ok(())
        }
        (Opcode::Unitary, _) => Err(arguments("UNITARY needs a matrix".into())),
        (Opcode::PauliRot, _) => Err(arguments("PAULI_ROT needs a Pauli string".into())),
        (_, Payload::None) => Ok(()),
        _ => Err(arguments(format!("{} takes neither a matrix nor a Pauli string", opcode.name()))),
    }
}

/// Checks a measurement, reset, barrier or delay on its own.
pub(crate) fn instruction(op: &Instruction) -> CoreResult<()> {
    let name = op.opcode.name();
    if op.opcode == Opcode::Compute {
        return computation(op);
    }
    if !op.detail.modifier.is_none() {
        return Err(arguments(format!("{name} cannot be controlled, inverted or raised to a power")));
    }
    let wanted = usize::from(op.opcode == Opcode::Delay);
    if op.params.len() != wanted {
        return Err(arguments(format!(
            "{name} takes {}, not `{}`",
            plural(wanted, "parameter"),
            op.params.len()
        )));
    }
    op.params.iter().try_for_each(|param| param.check())?;
    if op.opcode == Opcode::Delay && op.params.iter().any(|param| param.is_constant() && param.constant < 0.0)
    {
        return Err(arguments(format!("a delay of `{}` is negative", op.params[0])));
    }
    let written = if op.opcode == Opcode::Measure { op.qubits.len() } else { 0 };
    if op.clbits.len() != written {
        return Err(arguments(format!(
            "{name} of {} qubits writes {written} classical bits, not `{}`",
            op.qubits.len(),
            op.clbits.len()
        )));
    }
    distinct(&op.qubits, "qubit")?;
    distinct(&op.clbits, "classical bit")
}

/// Checks a classical computation on its own.
fn computation(op: &Instruction) -> CoreResult<()> {
    let Payload::Expr(value) = &op.detail.payload else {
        return Err(arguments("COMPUTE needs an expression".into()));
    };
    if !op.qubits.is_empty() || !op.params.is_empty() || !op.detail.modifier.is_none() {
        return Err(arguments(
            "COMPUTE acts on classical bits only, without parameters and modifiers".into(),
        ));
    }
    let is_float = value.check()?;
    let written = op.clbits.len();
    if written == 0 || written > 64 || is_float && written != 64 {
        let message = format!("COMPUTE writes 1 to 64 classical bits, a fraction 64, not `{written}`");
        return Err(arguments(message));
    }
    distinct(&op.clbits, "classical bit")
}

/// Checks that no index occurs twice.
pub(crate) fn distinct(indices: &[u32], kind: &str) -> CoreResult<()> {
    let repeated = if indices.len() <= 8 {
        (1..indices.len()).find(|k| indices[..*k].contains(&indices[*k])).map(|k| indices[k])
    } else {
        let mut sorted = indices.to_vec();
        sorted.sort_unstable();
        sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    };
    match repeated {
        Some(index) => {
            Err(CoreError::new(ErrorCode::CircuitInvalid, format!("{kind} `{index}` is used twice")))
        }
        None => Ok(()),
    }
}

/// Checks all indices against the circuit's size, and its names.
pub(crate) fn ranges(circuit: &Circuit) -> CoreResult<()> {
    let mut place = 0;
    for op in circuit.operations() {
        let read = op.reads();
        in_range(op.qubits(), circuit.num_qubits(), "qubit")
            .and_then(|()| in_range(op.clbits(), circuit.num_bits(), "classical bit"))
            .and_then(|()| in_range(&read, circuit.num_bits(), "classical bit"))
            .map_err(|error| error.at(format_args!("operation {place} ({})", op.opcode().name())))?;
        place += usize::from(!op.opcode().is_marker());
    }
    Register::check_all(circuit.qubit_registers(), circuit.num_qubits(), "qubit")?;
    Register::check_all(circuit.clbit_registers(), circuit.num_clbits(), "classical")?;
    texts(circuit)
}

/// Checks that every index is below `count`.
pub(crate) fn in_range(indices: &[u32], count: usize, kind: &str) -> CoreResult<()> {
    match indices.iter().find(|index| **index as usize >= count) {
        None => Ok(()),
        Some(index) => {
            let message = format!("{kind} `{index}` is out of range: the circuit has {count}");
            Err(CoreError::new(ErrorCode::CircuitInvalid, message).with_hint("indices start at 0"))
        }
    }
}

fn texts(circuit: &Circuit) -> CoreResult<()> {
    if circuit.name().len() > MAX_NAME_BYTES {
        return Err(CoreError::limit("bytes of a circuit's name", MAX_NAME_BYTES, circuit.name().len()));
    }
    if circuit.metadata().len() > MAX_METADATA {
        return Err(CoreError::limit("metadata entries", MAX_METADATA, circuit.metadata().len()));
    }
    for (key, value) in circuit.metadata() {
        if key.len() > 128 {
            return Err(CoreError::limit("bytes of a metadata key", 128, key.len()));
        }
        if value.len() > MAX_METADATA_BYTES {
            return Err(CoreError::limit("bytes of a metadata value", MAX_METADATA_BYTES, value.len()));
        }
    }
    Ok(())
}

/// Checks every rule again on a finished circuit.
pub fn verify(circuit: &Circuit) -> CoreResult<()> {
    for (place, op) in circuit.operations().filter(|op| !op.opcode().is_marker()).enumerate() {
        let owned = op.to_instruction();
        match (op.spec(), op.opcode().is_control_flow()) {
            (Some(spec), _) => gate(spec, &owned),
            (None, false) => instruction(&owned),
            (None, true) => Ok(()),
        }
        .map_err(|error| error.at(format_args!("operation {place} ({})", op.opcode().name())))?;
    }
    ranges(circuit)
}
