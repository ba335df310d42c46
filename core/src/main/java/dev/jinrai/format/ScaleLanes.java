package dev.jinrai.format;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// [ScaleSearch] for as many runs at a time as a register has lanes, with the same bits; a run of nothing
/// is left to the plain search.
final class ScaleLanes {
    private final ScaleSearch search;
    private final float[] x;
    private final float[] w;
    private final float[] q;

    /// `Σ w·x·q` and `Σ w·q²` of the trial before.
    private final float[] sums = Lanes.scratch(2);

    ScaleLanes(ScaleSearch search) {
        this.search = search;
        x = Lanes.scratch(search.length());
        w = Lanes.scratch(search.length());
        q = Lanes.scratch(search.length());
    }

    /// [ScaleSearch#fit] of the runs from `run` on.
    void fit(float[] src, int at, float[] importance, int run, byte[] codes, float[] scales) {
        FloatVector zero = Lanes.zero();
        int length = search.length();
        int from = run * length;
        Lanes.lay(src, at + from, length, x);
        Lanes.lay(importance, from, length, w);
        FloatVector extreme = Lanes.extremes(x, length);
        VectorMask<Float> plain = extreme.abs().lt(ScaleSearch.NOTHING);
        FloatVector scale = zero;
        FloatVector best = zero;
        FloatVector bestInverse = zero;
        for (int shift : ScaleSearch.SHIFTS) {
            FloatVector inverse = Lanes.all(-(search.limit() + 0.1f * shift)).div(extreme);
            sum(inverse);
            FloatVector sumXq = Lanes.load(sums, 0);
            FloatVector sumQq = Lanes.load(sums, 1);
            VectorMask<Float> better = zero.lt(sumQq);
            if (shift == 0) {
                bestInverse = inverse;
            } else {
                better = better.and(best.mul(sumQq).lt(sumXq.mul(sumXq)));
            }
            FloatVector trial = sumXq.div(sumQq);
            scale = scale.blend(trial, better);
            best = best.blend(trial.mul(sumXq), better);
            bestInverse = bestInverse.blend(inverse, better);
        }
        round(bestInverse);
        Lanes.gather(q, length, search.limit(), codes, from);
        scale.intoArray(scales, run);
        for (int r : Lanes.set(plain)) {
            search.fitPlainly(src, at, importance, run + r, run + r + 1, codes, scales);
        }
    }

    private void sum(FloatVector inverse) {
        FloatVector least = Lanes.all(-search.limit());
        FloatVector most = Lanes.all(search.limit() - 1);
        FloatVector sumXq = Lanes.zero();
        FloatVector sumQq = Lanes.zero();
        for (int i = 0; i < search.length(); i++) {
            FloatVector v = Lanes.load(x, i);
            FloatVector wi = Lanes.load(w, i);
            FloatVector code = Lanes.round(inverse.mul(v), least, most);
            sumXq = sumXq.add(wi.mul(v).mul(code));
            sumQq = sumQq.add(wi.mul(code).mul(code));
        }
        sumXq.intoArray(sums, 0);
        sumQq.intoArray(sums, Lanes.COUNT);
    }

    private void round(FloatVector inverse) {
        FloatVector least = Lanes.all(-search.limit());
        FloatVector most = Lanes.all(search.limit() - 1);
        for (int i = 0; i < search.length(); i++) {
            Lanes.round(inverse.mul(Lanes.load(x, i)), least, most).intoArray(q, i * Lanes.COUNT);
        }
    }
}
