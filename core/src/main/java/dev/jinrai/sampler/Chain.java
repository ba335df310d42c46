package dev.jinrai.sampler;

import java.util.ArrayList;
import java.util.List;

/// The steps that settings ask for, in their order, and what ends them.
final class Chain {
    private final Step[] steps;
    private final Selection selection;

    private Chain(List<Step> steps, Selection selection) {
        this.steps = shortened(steps).toArray(Step[]::new);
        this.selection = selection;
    }

    /// @param random the one generator of all steps
    /// @throws IllegalArgumentException if a bias is for a token that the vocabulary has not
    static Chain of(
            Sampling settings,
            int vocabulary,
            History history,
            Breakers breakers,
            SplitMix64 random) {
        List<Step> steps = new ArrayList<>();
        if (!settings.logitBias().isEmpty()) {
            steps.add(new LogitBias(settings.logitBias(), vocabulary));
        }
        var target = new SurpriseTarget(settings.mirostatTau(), settings.mirostatEta());
        if (settings.mirostat() > 0) {
            steps.add(new Temperature(settings.temperature()));
            return new Chain(
                    steps,
                    settings.mirostat() == 1
                            ? new Mirostat(target, vocabulary, random)
                            : new Mirostat2(target, random));
        }
        for (Stage stage : settings.stages()) {
            switch (stage) {
                case PENALTIES -> {
                    if (Penalties.active(settings)) {
                        steps.add(new Penalties(settings, vocabulary, history));
                    }
                }
                case DRY -> {
                    if (Dry.active(settings)) {
                        steps.add(new Dry(settings, vocabulary, history, breakers));
                    }
                }
                case TOP_N_SIGMA -> {
                    if (settings.topNSigma() > 0) {
                        steps.add(new TopNSigma(settings.topNSigma()));
                    }
                }
                case TOP_K -> {
                    if (settings.topK() > 0) {
                        steps.add(new TopK(settings.topK()));
                    }
                }
                case TYPICAL -> {
                    if (settings.typicalP() < 1) {
                        steps.add(new Typical(settings.typicalP(), settings.minKeep(), vocabulary));
                    }
                }
                case TOP_P -> {
                    if (settings.topP() < 1) {
                        steps.add(new TopP(settings.topP(), settings.minKeep()));
                    }
                }
                case MIN_P -> {
                    if (settings.minP() > 0) {
                        steps.add(new MinP(settings.minP(), settings.minKeep()));
                    }
                }
                case XTC -> {
                    if (settings.xtcProbability() > 0 && settings.xtcThreshold() <= 0.5f) {
                        steps.add(
                                new Xtc(
                                        settings.xtcProbability(),
                                        settings.xtcThreshold(),
                                        settings.minKeep(),
                                        random));
                    }
                }
                case TEMPERATURE -> steps.add(temperature(settings));
            }
        }
        return new Chain(steps, new Draw(random));
    }

    private static Step temperature(Sampling settings) {
        return settings.dynatempRange() > 0
                ? new DynamicTemperature(
                        settings.temperature(),
                        settings.dynatempRange(),
                        settings.dynatempExponent())
                : new Temperature(settings.temperature());
    }

    /// Temperature 0 takes the best, and steps right before it that keep the best have nothing to do: nor has the order of the others.
    private static List<Step> shortened(List<Step> steps) {
        int end = steps.indexOf(new Temperature(0));
        if (end < 0) {
            return steps;
        }
        while (end > 0 && steps.get(end - 1).keepsTheBest()) {
            end--;
        }
        List<Step> left = new ArrayList<>(steps.subList(0, end));
        left.add(new TopK(1));
        return left;
    }

    /// {@return a token's id}
    int choose(Candidates candidates) {
        for (Step step : steps) {
            step.apply(candidates);
        }
        return selection.select(candidates);
    }

    /// {@return how many of the largest logits are enough; 0 for all logits}
    int needed() {
        long lowered = 0;
        for (Step step : steps) {
            if (step instanceof TopK(int k)) {
                return (int) Math.min(Integer.MAX_VALUE, k + lowered);
            }
            int more = step.lowers();
            if (more == Step.LOOKS_AT_ALL) {
                return 0;
            }
            lowered += more;
        }
        return 0;
    }
}
