//! Every operation of every instruction set that the processor has, against plain numbers.
use super::isa::Dispatch;
use super::*;

#[repr(align(64))]
struct Line<R>([R; 16]);

struct AllOperations<R>(Line<R>, Line<R>, Line<R>);

impl<R: Real> Kernel<R> for AllOperations<R> {
    type Out = Vec<Vec<f64>>;

    #[inline(always)]
    unsafe fn run<V: Vector<Real = R>>(self) -> Self::Out {
        // SAFETY: the caller's promise; lines are aligned.
        let [a, b, c] = [&self.0, &self.1, &self.2].map(|line| unsafe { V::load(line.0.as_ptr()) });
        // SAFETY: as above.
        let splat = unsafe { V::splat(self.0.0[1]) };
        let mut results = vec![a.add(b), a.sub(b), a.mul(b), a.mul_add(b, c), a.mul_sub(b, c)];
        results.extend([a.neg_mul_add(b, c), splat]);
        results.extend((0..R::LANES).map(|mask| a.xor_lanes(mask)));
        results.extend([0x0000, 0xffff, 0x5a3c, 0x1248].map(|mask| a.select(b, mask)));
        let mut out = Line([R::default(); 16]);
        let show = |value: V| {
            // SAFETY: the line is aligned and ours.
            let (stored, streamed) = unsafe {
                V::prefetch(out.0.as_ptr());
                value.store(out.0.as_mut_ptr());
                let stored = out.0;
                value.stream(out.0.as_mut_ptr());
                V::fence();
                (stored, out.0)
            };
            assert_eq!(stored, streamed);
            out.0[..R::LANES].iter().map(|x| x.to_f64()).collect()
        };
        results.into_iter().map(show).collect()
    }
}

fn check<R: Dispatch>() {
    let line = |shift: usize| Line(std::array::from_fn(|k| R::from_f64(((k * 7 + shift) % 31) as f64 - 9.0)));
    let run = |isa| R::dispatch(isa, AllOperations::<R>(line(0), line(5), line(11)));
    let [a, b, c] = [0, 5, 11].map(|shift| line(shift).0.map(|x| x.to_f64()));
    let lanes = 0..R::LANES;
    let each = |work: &dyn Fn(usize) -> f64| lanes.clone().map(work).collect::<Vec<f64>>();
    let mut expected = vec![each(&|l| a[l] + b[l]), each(&|l| a[l] - b[l]), each(&|l| a[l] * b[l])];
    expected.extend([each(&|l| a[l] * b[l] + c[l]), each(&|l| a[l] * b[l] - c[l])]);
    expected.extend([each(&|l| c[l] - a[l] * b[l]), each(&|_| a[1])]);
    expected.extend((0..R::LANES).map(|mask| each(&|l| a[l ^ mask])));
    for mask in [0x0000, 0xffff, 0x5a3c, 0x1248] {
        expected.push(each(&|l| if mask >> l & 1 == 1 { b[l] } else { a[l] }));
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_there()) {
        assert_eq!(run(isa), expected, "{}", isa.name());
    }
}

#[test]
fn operations_mean_the_same_everywhere() {
    check::<f64>();
    check::<f32>();
}
