package dev.jinrai.sampler;

/// Mirostat 2.0 (Basu et al. 2020, arXiv:2007.14966, algorithm 2): a draw from the candidates whose surprise is at most `μ` bits, which
/// follows the surprise of what came, so that the text's stays near `τ` bits a token. The best candidate always stays.
final class Mirostat2 implements Selection {
    private final Draw draw;
    private final SurpriseTarget target;

    Mirostat2(SurpriseTarget target, SplitMix64 random) {
        this.target = target;
        draw = new Draw(random);
    }

    @Override
    public int select(Candidates candidates) {
        double logTotal = StrictMath.log(candidates.softmax());
        int kept = 1;
        while (kept < candidates.size
                && SurpriseTarget.bits(candidates.surprise(kept, logTotal)) <= target.most()) {
            kept++;
        }
        candidates.size = kept;
        return target.draw(draw, candidates);
    }
}
