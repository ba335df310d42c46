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
    private final FloatVector zero = FloatVector.zero(Lanes.SPECIES);

    private FloatVector sumXq = zero;
    private FloatVector sumQq = zero;

    ScaleLanes(ScaleSearch search) {
        this.search = search;
        x = Lanes.scratch(search.length());
        w = Lanes.scratch(search.length());
        q = Lanes.scratch(search.length());
    }

    /// [ScaleSearch#fit] of the runs from `run` on.
    void fit(
            float[] src, int at, float[] importance, int run, byte[] codes, float[] scales) {
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
        FloatVector xq = zero;
        FloatVector qq = zero;
        for (int i = 0; i < search.length(); i++) {
            FloatVector v = Lanes.load(x, i);
            FloatVector wi = Lanes.load(w, i);
            FloatVector code = Lanes.round(inverse.mul(v), least, most);
            xq = xq.add(wi.mul(v).mul(code));
            qq = qq.add(wi.mul(code).mul(code));
        }
        sumXq = xq;
        sumQq = qq;
    }

    private void round(FloatVector inverse) {
        FloatVector least = Lanes.all(-search.limit());
        FloatVector most = Lanes.all(search.limit() - 1);
        for (int i = 0; i < search.length(); i++) {
            Lanes.round(inverse.mul(Lanes.load(x, i)), least, most).intoArray(q, i * Lanes.COUNT);
        }
    }
}
