package dev.jinrai.format;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// [ScaleMinSearch] for as many runs at a time as a register has lanes, with the same bits.
///
/// Codes are floats here, rounded without a way through integers. That is the same as long as they are
/// small; a run that has others, or that is constant, is left to the plain search.
final class ScaleMinLanes {
    private final ScaleMinSearch search;
    private final float[] x;
    private final float[] w;
    private final float[] q;

    /// `Σ w·q`, `Σ w·q²` and `Σ w·x·q` of the codes that were chosen last.
    private final float[] sums = Lanes.scratch(3);

    ScaleMinLanes(ScaleMinSearch search) {
        this.search = search;
        x = Lanes.scratch(search.length());
        w = Lanes.scratch(search.length());
        q = Lanes.scratch(search.length());
    }

    /// [ScaleMinSearch#fit] of the runs from `run` on.
    void fit(
            float[] src,
            int at,
            float[] importance,
            int run,
            byte[] codes,
            float[] scales,
            float[] mins) {
        FloatVector zero = Lanes.zero();
        int length = search.length();
        int from = run * length;
        Lanes.lay(src, at + from, length, x);
        Lanes.lay(importance, from, length, w);
        FloatVector low = zero;
        FloatVector high = Lanes.load(x, 0);
        FloatVector sumW = zero;
        FloatVector sumX = zero;
        for (int i = 0; i < length; i++) {
            FloatVector v = Lanes.load(x, i);
            FloatVector wi = Lanes.load(w, i);
            low = low.min(v);
            high = high.max(v);
            sumW = sumW.add(wi);
            sumX = sumX.add(wi.mul(v));
        }
        FloatVector lowest = low;
        FloatVector inverse = Lanes.all(search.maxCode()).div(high.sub(low));
        FloatVector bestInverse = inverse;
        FloatVector bestLow = low;
        FloatVector scale = Lanes.all(1).div(inverse);
        round(low, inverse);
        FloatVector least = error(scale, low);
        VectorMask<Float> plain = lowest.lt(high).not();
        for (int t = 0; t <= search.trials(); t++) {
            float steps = search.first() + search.step() * t + search.maxCode();
            inverse = Lanes.all(steps).div(high.sub(low));
            FloatVector farthest = lowest.sub(low).mul(inverse);
            plain = plain.or(farthest.lt(Lanes.ROUNDABLE).not()).or(farthest.lt(-Lanes.ROUNDABLE));
            round(low, inverse);
            FloatVector sumQ = Lanes.load(sums, 0);
            FloatVector sumQq = Lanes.load(sums, 1);
            FloatVector sumXq = Lanes.load(sums, 2);
            FloatVector determinant = sumW.mul(sumQq).sub(sumQ.mul(sumQ));
            FloatVector trialScale = sumW.mul(sumXq).sub(sumX.mul(sumQ)).div(determinant);
            FloatVector trialLow = sumQq.mul(sumX).sub(sumQ.mul(sumXq)).div(determinant);
            VectorMask<Float> above = zero.lt(trialLow);
            trialLow = trialLow.blend(zero, above);
            trialScale = trialScale.blend(sumXq.div(sumQq), above);
            FloatVector error = error(trialScale, trialLow);
            VectorMask<Float> better = error.lt(least).and(zero.lt(determinant));
            bestInverse = bestInverse.blend(inverse, better);
            bestLow = bestLow.blend(low, better);
            least = least.blend(error, better);
            scale = scale.blend(trialScale, better);
            low = low.blend(trialLow, better);
        }
        round(bestLow, bestInverse);
        Lanes.gather(q, length, 0, codes, from);
        scale.intoArray(scales, run);
        low.neg().intoArray(mins, run);
        for (int r : Lanes.set(plain)) {
            search.fitPlainly(src, at, importance, run + r, run + r + 1, codes, scales, mins);
        }
    }

    private void round(FloatVector low, FloatVector inverse) {
        FloatVector most = Lanes.all(search.maxCode());
        FloatVector zero = Lanes.zero();
        FloatVector sumQ = zero;
        FloatVector sumQq = zero;
        FloatVector sumXq = zero;
        for (int i = 0; i < search.length(); i++) {
            FloatVector v = Lanes.load(x, i);
            FloatVector code = Lanes.round(v.sub(low).mul(inverse), zero, most);
            code.intoArray(q, i * Lanes.COUNT);
            FloatVector wq = Lanes.load(w, i).mul(code);
            sumQ = sumQ.add(wq);
            sumQq = sumQq.add(wq.mul(code));
            sumXq = sumXq.add(wq.mul(v));
        }
        sumQ.intoArray(sums, 0);
        sumQq.intoArray(sums, Lanes.COUNT);
        sumXq.intoArray(sums, 2 * Lanes.COUNT);
    }

    private FloatVector error(FloatVector scale, FloatVector low) {
        FloatVector sum = Lanes.zero();
        if (search.squared()) {
            for (int i = 0; i < search.length(); i++) {
                FloatVector miss = scale.mul(Lanes.load(q, i)).add(low).sub(Lanes.load(x, i));
                sum = sum.add(Lanes.load(w, i).mul(miss.mul(miss)));
            }
        } else {
            for (int i = 0; i < search.length(); i++) {
                FloatVector miss = scale.mul(Lanes.load(q, i)).add(low).sub(Lanes.load(x, i));
                sum = sum.add(Lanes.load(w, i).mul(miss.abs()));
            }
        }
        return sum;
    }
}
