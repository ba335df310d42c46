package dev.jinrai.format;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// [LevelSearch] for as many runs at a time as a register has lanes, with the same bits; a run of nothing
/// is left to the plain search.
final class LevelLanes {
    private final float[] x = Lanes.scratch(LevelSearch.LENGTH);
    private final float[] w = Lanes.scratch(LevelSearch.LENGTH);

    /// `Σ w·x·l` and `Σ w·l²` of the trial before.
    private final float[] sums = Lanes.scratch(2);

    /// [LevelSearch#fit] of the runs from `run` on.
    void fit(float[] src, int at, float[] importance, int run, float[] scales) {
        FloatVector zero = Lanes.zero();
        int from = run * LevelSearch.LENGTH;
        Lanes.lay(src, at + from, LevelSearch.LENGTH, x);
        Lanes.lay(importance, from, LevelSearch.LENGTH, w);
        FloatVector extreme = Lanes.extremes(x, LevelSearch.LENGTH);
        VectorMask<Float> plain = extreme.abs().lt(ScaleSearch.NOTHING);
        FloatVector lowest = Lanes.all(IQ4_NL.level(0));
        sum(Lanes.all(1).div(extreme.neg().div(lowest)));
        VectorMask<Float> counts = zero.lt(Lanes.load(sums, 1));
        FloatVector scale = zero.blend(Lanes.load(sums, 0).div(Lanes.load(sums, 1)), counts);
        FloatVector best = zero.blend(scale.mul(Lanes.load(sums, 0)), counts);
        for (int trial = -LevelSearch.TRIALS; trial <= LevelSearch.TRIALS; trial++) {
            sum(lowest.add(trial).div(extreme));
            FloatVector sumXl = Lanes.load(sums, 0);
            FloatVector sumLl = Lanes.load(sums, 1);
            VectorMask<Float> better = zero.lt(sumLl).and(best.mul(sumLl).lt(sumXl.mul(sumXl)));
            FloatVector found = sumXl.div(sumLl);
            scale = scale.blend(found, better);
            best = best.blend(found.mul(sumXl), better);
        }
        scale.intoArray(scales, run);
        for (int r : Lanes.set(plain)) {
            LevelSearch.fitPlainly(src, at, importance, run + r, run + r + 1, scales);
        }
    }

    private void sum(FloatVector inverse) {
        FloatVector sumXl = Lanes.zero();
        FloatVector sumLl = Lanes.zero();
        for (int i = 0; i < LevelSearch.LENGTH; i++) {
            FloatVector v = Lanes.load(x, i);
            FloatVector level = level(inverse.mul(v));
            FloatVector wl = Lanes.load(w, i).mul(level);
            sumXl = sumXl.add(wl.mul(v));
            sumLl = sumLl.add(wl.mul(level));
        }
        sumXl.intoArray(sums, 0);
        sumLl.intoArray(sums, Lanes.COUNT);
    }

    /// The nearest levels: the last one whose middle to the one before it is reached.
    private static FloatVector level(FloatVector steps) {
        FloatVector twice = steps.add(steps);
        FloatVector level = Lanes.all(IQ4_NL.level(0));
        for (int code = 1; code < 16; code++) {
            int below = IQ4_NL.level(code - 1);
            int here = IQ4_NL.level(code);
            level = level.blend(here, twice.compare(VectorOperators.GE, below + here));
        }
        return level;
    }
}
