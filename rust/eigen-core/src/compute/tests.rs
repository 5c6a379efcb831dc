//! Classical expressions against arithmetic by hand.
use super::*;

fn value(expr: &Expr, word: u64) -> Number {
    expr.check().expect("well kinded");
    expr.value(&|bit| word >> bit & 1 == 1).expect("defined")
}

#[test]
fn bits_are_read_as_what_they_stand_for() {
    let read = |reading| Expr::Bits(vec![0, 1, 2], reading);
    assert_eq!(value(&read(Reading::Unsigned), 0b110), Number::Int(6));
    assert_eq!(value(&read(Reading::Signed), 0b110), Number::Int(-2));
    let whole = Expr::Bits((0..64).collect(), Reading::Float);
    assert_eq!(value(&whole, 0.1f64.to_bits()), Number::Float(0.1));
}

#[test]
fn arithmetic_wraps_at_its_width() {
    let sum = Expr::binary(Binary::Add, Expr::Bits((0..8).collect(), Reading::Unsigned), Expr::int(10));
    let wrapped = |signed| Expr::unary(Unary::Wrap { bits: 8, signed }, sum.clone());
    assert_eq!(value(&wrapped(false), 250), Number::Int(4));
    assert_eq!(value(&wrapped(true), 120), Number::Int(-126));
}

#[test]
fn what_has_no_value_is_an_error_that_says_so() {
    let by_zero = Expr::binary(Binary::Divide, Expr::int(1), Expr::bit(0));
    assert_eq!(value(&by_zero, 1), Number::Int(1));
    let error = by_zero.value(&|_| false).expect_err("undefined");
    assert_eq!(error.code, ErrorCode::ComputationFailed);
}

#[test]
fn kinds_and_sizes_are_checked() {
    let mixed = Expr::binary(Binary::Add, Expr::int(1), Expr::Number(Number::Float(1.0)));
    assert!(mixed.check().is_err());
    assert!(Expr::Bits(vec![0; 65], Reading::Unsigned).check().is_err());
    let deep = (0..100).fold(Expr::bit(0), |inner, _| Expr::unary(Unary::Invert, inner));
    assert_eq!(deep.check().expect_err("too deep").code, ErrorCode::LimitExceeded);
}

/// All values of two bits on each side lie in the range that is told, for every operation.
#[test]
fn ranges_hold_for_all_values() {
    let sides = [
        Expr::Bits(vec![0, 1], Reading::Unsigned),
        Expr::Bits(vec![2, 3], Reading::Signed),
        Expr::binary(Binary::Subtract, Expr::Bits(vec![0, 2], Reading::Unsigned), Expr::int(5)),
        Expr::int(3),
    ];
    for (operation, name) in Binary::NAMES {
        for left in &sides {
            for right in &sides {
                let whole = Expr::binary(operation, left.clone(), right.clone());
                for expr in [
                    whole.clone(),
                    Expr::unary(Unary::Negative, whole.clone()),
                    Expr::unary(Unary::Invert, whole.clone()),
                    Expr::unary(Unary::Wrap { bits: 2, signed: true }, whole),
                ] {
                    let Some((low, high)) = expr.range() else { continue };
                    for word in 0..16u64 {
                        if let Ok(Number::Int(value)) = expr.value(&|bit| word >> bit & 1 == 1) {
                            assert!(low <= value && value <= high, "{name}: {value} in {low}..={high}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn what_fits_is_told_without_being_computed() {
    let byte = || Expr::Bits((0..8).collect(), Reading::Unsigned);
    let sum = Expr::binary(Binary::Add, byte(), byte());
    assert!(sum.fits(9, false) && !sum.fits(8, false) && sum.fits(10, true) && !sum.fits(9, true));
    assert!(Expr::Bits((0..64).collect(), Reading::Unsigned).fits(128, true));
}
