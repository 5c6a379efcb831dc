//! Every method against known minima, its limits and its checkpoints.
use std::collections::BTreeMap;

use super::{Batches, Energy, METHODS, Search, Settings, Wants};
use crate::circuit::{CircuitBuilder, Instruction};
use crate::error::ErrorCode;
use crate::gate::Opcode;
use crate::observable::Observable;
use crate::param::Affine;
use crate::sim::{Engine, Prepared, Resources, StateVector};

fn options(method: &str) -> BTreeMap<String, Option<f64>> {
    let given: &[(&str, Option<f64>)] = match method {
        "adam" => &[
            ("learning_rate", Some(0.1)),
            ("beta1", Some(0.9)),
            ("beta2", Some(0.999)),
            ("epsilon", Some(1e-8)),
        ],
        "sgd" => &[("learning_rate", Some(0.1)), ("momentum", Some(0.0))],
        "cobyla" => &[("rhobeg", Some(1.0)), ("catol", None)],
        "l-bfgs-b" => {
            &[("ftol", Some(2.2e-9)), ("gtol", Some(1e-5)), ("maxcor", Some(10.0)), ("maxls", Some(20.0))]
        }
        "nelder-mead" => &[("xatol", Some(1e-4)), ("fatol", Some(1e-4)), ("adaptive", Some(0.0))],
        "spsa" => &[
            ("a", None),
            ("c", Some(0.1)),
            ("A", None),
            ("alpha", Some(0.602)),
            ("gamma", Some(0.101)),
            ("first_step", Some(0.3)),
            ("calibration", Some(5.0)),
        ],
        _ => &[],
    };
    given.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

fn settings(method: &str) -> Settings {
    Settings {
        max_iter: 200,
        seed: 5,
        tolerance: None,
        bounds: None,
        options: options(method),
        batches: None,
        max_evaluations: 100_000,
        gradient_cost: 1,
        is_exact: true,
    }
}

/// -cos(x - 0.5) - 2 cos(y + 1): smallest -3 at (0.5, -1).
fn ripple(p: &[f64]) -> (f64, [f64; 2]) {
    let value = -libm::cos(p[0] - 0.5) - 2.0 * libm::cos(p[1] + 1.0);
    (value, [libm::sin(p[0] - 0.5), 2.0 * libm::sin(p[1] + 1.0)])
}

fn answer(search: &mut Search) -> Vec<Vec<f64>> {
    let question = search.question().expect("a question").clone();
    let found: Vec<_> = question.rows().map(ripple).collect();
    let values: Vec<f64> = found.iter().map(|one| one.0).collect();
    let slopes: Vec<f64> = match question.wants {
        Wants::Values => Vec::new(),
        Wants::Gradients => found.iter().flat_map(|one| one.1).collect(),
    };
    search.tell(&values, &slopes).expect("finite answers");
    question.rows().map(<[f64]>::to_vec).collect()
}

fn asked(search: &mut Search) -> Vec<Vec<f64>> {
    let mut points = Vec::new();
    while search.question().is_some() {
        points.extend(answer(search));
    }
    points
}

#[test]
fn every_method_finds_the_minimum() {
    for method in METHODS {
        let mut search = Search::new(method, &[0.1, 0.1], settings(method)).expect("a search");
        let points = asked(&mut search);
        let found = search.outcome().expect("ended");
        assert!(found.verdict.success, "{method}: {}", found.verdict.message);
        assert!((found.value + 3.0).abs() < 1e-3, "{method}: {}", found.value);
        assert_eq!(search.evaluations(), points.len() as u64);
        assert_eq!(search.history(0).len() as u64, search.iterations());
    }
}

#[test]
fn bounds_hold_everywhere_and_the_edge_is_found() {
    for method in METHODS.iter().filter(|name| **name != "rotosolve") {
        let bounds = Some(vec![(Some(0.0), Some(0.25)), (Some(-0.5), None)]);
        let within = Settings { bounds, ..settings(method) };
        let mut outside = Search::new(method, &[9.0, 0.1], within.clone()).expect("a search");
        let mut search = Search::new(method, &[0.1, 0.1], within).expect("a search");
        for point in [asked(&mut outside), asked(&mut search)].concat() {
            assert!((0.0..=0.25).contains(&point[0]) && point[1] >= -0.5, "{method}: {point:?}");
        }
        let found = search.outcome().expect("ended").parameters;
        assert!((found[0] - 0.25).abs() < 2e-2 && (found[1] + 0.5).abs() < 2e-2, "{method}: {found:?}");
    }
}

#[test]
fn a_search_goes_on_from_any_checkpoint() {
    for method in METHODS {
        let fresh = || Search::new(method, &[0.3, 0.2], settings(method)).expect("a search");
        let (mut whole, mut resumed) = (fresh(), fresh());
        asked(&mut whole);
        while resumed.question().is_some() {
            let earlier = resumed.history(0).len() / 2;
            let text = resumed.checkpoint(earlier).expect("text");
            let known = resumed.history(0)[..earlier].to_vec();
            assert!(earlier == 0 || Search::resume(&text, Some(&[])).is_err());
            let apart = Search::resume(&text, None).expect("the same search");
            assert_eq!(apart.history(earlier), resumed.history(earlier));
            assert_eq!(apart.checkpoint(earlier).expect("text"), text);
            let again = Search::resume(&text, Some(&known)).expect("the same search");
            assert_eq!(again, resumed, "{method}");
            resumed = again;
            answer(&mut resumed);
        }
        assert_eq!(resumed.outcome(), whole.outcome());
        assert_eq!(resumed.history(0), whole.history(0));
    }
}

#[test]
fn a_changed_checkpoint_is_refused() {
    let mut search = Search::new("spsa", &[0.3, 0.2], settings("spsa")).expect("a search");
    answer(&mut search);
    let text = search.checkpoint(0).expect("text");
    for (from, to) in
        [("\"version\":1", "\"version\":2"), ("\"iterations\":0", "\"iterations\":1"), ("{", "")]
    {
        let refusal = Search::resume(&text.replacen(from, to, 1), None).expect_err("refused");
        assert_eq!(refusal.code, ErrorCode::SimulationArguments);
    }
}

#[test]
fn evaluations_are_limited_and_what_is_not_finite_is_refused() {
    for method in METHODS {
        let limit = Settings { max_evaluations: 5, ..settings(method) };
        let mut search = Search::new(method, &[2.0, 2.0], limit).expect("a search");
        assert!(asked(&mut search).len() <= 5);
        let verdict = search.outcome().expect("ended").verdict;
        assert!(!verdict.success && verdict.message.contains("5 are allowed"), "{method}");

        let mut search = Search::new(method, &[2.0, 2.0], settings(method)).expect("a search");
        let question = search.question().expect("a question");
        let (values, slopes) = (vec![f64::NAN; question.count], vec![0.0; question.points.len()]);
        let slopes = if question.wants == Wants::Gradients { slopes } else { Vec::new() };
        let refusal = search.tell(&values, &slopes).expect_err("refused");
        assert_eq!(refusal.code, ErrorCode::SearchFailed);
        assert!(search.question().is_none());
        assert!(search.tell(&[1.0], &[]).is_err());
    }
}

#[test]
fn answers_must_fit_and_settings_must_make_sense() {
    let mut search = Search::new("spsa", &[0.3], settings("spsa")).expect("a search");
    assert!(search.tell(&[1.0], &[]).is_err());
    let refused = |method: &str, initial: &[f64], settings| Search::new(method, initial, settings).is_err();
    assert!(refused("newton", &[0.3], settings("spsa")));
    assert!(refused("spsa", &[0.3], settings("sgd")));
    assert!(refused("spsa", &[f64::NAN], settings("spsa")));
    assert!(refused("spsa", &[0.3], Settings { max_iter: 0, ..settings("spsa") }));
    assert!(refused(
        "spsa",
        &[0.3],
        Settings { bounds: Some(vec![(Some(1.0), Some(0.0))]), ..settings("spsa") }
    ));
    assert!(refused(
        "rotosolve",
        &[0.3],
        Settings { bounds: Some(vec![(None, None)]), ..settings("rotosolve") }
    ));
    let batches = Some(Batches { count: 4, size: 2, epochs: 1 });
    assert!(refused("cobyla", &[0.3], Settings { batches, ..settings("cobyla") }));
}

#[test]
fn without_parameters_one_value_is_asked() {
    for method in METHODS {
        let mut search = Search::new(method, &[], settings(method)).expect("a search");
        search.tell(&[4.0], &[]).expect("a value");
        assert_eq!(search.outcome().expect("ended").value, 4.0);
        assert_eq!(search.evaluations(), 1);
    }
}

#[test]
fn a_loop_stops_when_it_is_told_and_goes_on() {
    let mut builder = CircuitBuilder::new(2, 0).expect("a builder");
    for (qubit, name) in [(0, "a"), (1, "b")] {
        let turn = Instruction::with_params(Opcode::Ry, &[qubit], vec![Affine::symbol(name)]);
        builder.push(turn).expect("a gate");
    }
    let circuit = builder.build().expect("a circuit");
    let observable =
        Observable::from_labels(2, &[("Z0".to_owned(), 1.0), ("Z1".to_owned(), 0.5)]).expect("an observable");
    let prepare = || -> Box<dyn Prepared> {
        StateVector::default()
            .prepare(&circuit, Resources { threads: 1, memory_limit_bytes: u64::MAX })
            .expect("a plan")
    };
    for method in METHODS {
        let mut prepared = prepare();
        let mut energy =
            Energy { prepared: prepared.as_mut(), observable: &observable, scale: 2.0, offset: 1.0 };
        let fresh = || Search::new(method, &[0.4, 0.3], settings(method)).expect("a search");
        let (mut whole, mut halting) = (fresh(), fresh());
        assert!(energy.minimize(&mut whole, |_| Ok(true)).expect("a loop"));
        let mut calls = 0;
        while !energy
            .minimize(&mut halting, |_| {
                calls += 1;
                Ok(calls % 3 != 0)
            })
            .expect("a loop")
        {}
        assert_eq!(halting, whole);
        assert!((whole.outcome().expect("ended").value + 2.0).abs() < 1e-2, "{method}");
    }
}
