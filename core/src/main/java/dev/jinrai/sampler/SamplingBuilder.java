package dev.jinrai.sampler;

import java.util.List;
import java.util.Map;

/// Settings one by one; ours where nothing was said. [#build] checks them. Units and ranges are those of [Sampling].
///
/// Mutable, with one owner.
public final class SamplingBuilder {
    float temperature = 0.7f;
    int topK = 40;
    float topP = 0.9f;
    float minP = 0.05f;
    float repeatPenalty = 1;
    int repeatLastN = 64;
    float presencePenalty;
    float frequencyPenalty;
    long seed;
    List<Stage> stages = Stage.defaults();
    float topNSigma = -1;
    float typicalP = 1;
    float xtcProbability;
    float xtcThreshold = 0.1f;
    float dynatempRange;
    float dynatempExponent = 1;
    float dryMultiplier;
    float dryBase = 1.75f;
    int dryAllowedLength = 2;
    int dryLastN = 64;
    List<String> dryBreakers = List.of("\n", ":", "\"", "*");
    int mirostat;
    float mirostatTau = 5;
    float mirostatEta = 0.1f;
    int minKeep;
    Map<Integer, Float> logitBias = Map.of();

    SamplingBuilder() {}

    SamplingBuilder(Sampling settings) {
        temperature = settings.temperature();
        topK = settings.topK();
        topP = settings.topP();
        minP = settings.minP();
        repeatPenalty = settings.repeatPenalty();
        repeatLastN = settings.repeatLastN();
        presencePenalty = settings.presencePenalty();
        frequencyPenalty = settings.frequencyPenalty();
        seed = settings.seed();
        stages = settings.stages();
        topNSigma = settings.topNSigma();
        typicalP = settings.typicalP();
        xtcProbability = settings.xtcProbability();
        xtcThreshold = settings.xtcThreshold();
        dynatempRange = settings.dynatempRange();
        dynatempExponent = settings.dynatempExponent();
        dryMultiplier = settings.dryMultiplier();
        dryBase = settings.dryBase();
        dryAllowedLength = settings.dryAllowedLength();
        dryLastN = settings.dryLastN();
        dryBreakers = settings.dryBreakers();
        mirostat = settings.mirostat();
        mirostatTau = settings.mirostatTau();
        mirostatEta = settings.mirostatEta();
        minKeep = settings.minKeep();
        logitBias = settings.logitBias();
    }

    /// Sets what differs between our defaults and llama.cpp's (version 0.7.0): the temperature, 0.8, and top-p, 0.95.
    public SamplingBuilder llamaCppDefaults() {
        return temperature(0.8f).topP(0.95f);
    }

    /// {@return the settings}
    ///
    /// @throws IllegalArgumentException if a value is out of range; the message names the range
    public Sampling build() {
        return new Sampling(this);
    }

    /// [Sampling#temperature]: 0 takes the most probable token; up to 2.
    public SamplingBuilder temperature(float value) {
        temperature = value;
        return this;
    }

    /// [Sampling#topK]: candidates that stay; 0 keeps all.
    public SamplingBuilder topK(int value) {
        topK = value;
        return this;
    }

    /// [Sampling#topP]: probability mass that stays; 1 keeps all.
    public SamplingBuilder topP(float value) {
        topP = value;
        return this;
    }

    /// [Sampling#minP]: least probability relative to the best that stays; 0 keeps all.
    public SamplingBuilder minP(float value) {
        minP = value;
        return this;
    }

    /// [Sampling#repeatPenalty]: what logits of recent tokens are divided by, 0.01 to 10; 1 is off.
    public SamplingBuilder repeatPenalty(float value) {
        repeatPenalty = value;
        return this;
    }

    /// [Sampling#repeatLastN]: how many recent tokens the penalties look at; 0 is off, −1 all.
    public SamplingBuilder repeatLastN(int value) {
        repeatLastN = value;
        return this;
    }

    /// [Sampling#presencePenalty]: taken from a recent token's logit, once; −2 to 2.
    public SamplingBuilder presencePenalty(float value) {
        presencePenalty = value;
        return this;
    }

    /// [Sampling#frequencyPenalty]: taken from a recent token's logit for each time it occurred; −2 to 2.
    public SamplingBuilder frequencyPenalty(float value) {
        frequencyPenalty = value;
        return this;
    }

    /// [Sampling#seed]: of the random generator.
    public SamplingBuilder seed(long value) {
        seed = value;
        return this;
    }

    /// [Sampling#stages]: of the chain, in their order.
    public SamplingBuilder stages(List<Stage> value) {
        stages = value;
        return this;
    }

    /// [Sampling#topNSigma]: standard deviations below the best logit that stay, up to 100; −1 to 0 is off.
    public SamplingBuilder topNSigma(float value) {
        topNSigma = value;
        return this;
    }

    /// [Sampling#typicalP]: probability mass of the most typical tokens that stays; 1 is off.
    public SamplingBuilder typicalP(float value) {
        typicalP = value;
        return this;
    }

    /// [Sampling#xtcProbability]: that top choices are excluded; 0 is off.
    public SamplingBuilder xtcProbability(float value) {
        xtcProbability = value;
        return this;
    }

    /// [Sampling#xtcThreshold]: probability of a top choice, 0 to 1; more than 0.5 is off.
    public SamplingBuilder xtcThreshold(float value) {
        xtcThreshold = value;
        return this;
    }

    /// [Sampling#dynatempRange]: how far a dynamic temperature is from the fixed one at most, 0 to 5; 0 is off.
    public SamplingBuilder dynatempRange(float value) {
        dynatempRange = value;
        return this;
    }

    /// [Sampling#dynatempExponent]: of the relative entropy, 0 to 10.
    public SamplingBuilder dynatempExponent(float value) {
        dynatempExponent = value;
        return this;
    }

    /// [Sampling#dryMultiplier]: taken from the logit of a token that repeats a sequence, 0 to 100; 0 is off.
    public SamplingBuilder dryMultiplier(float value) {
        dryMultiplier = value;
        return this;
    }

    /// [Sampling#dryBase]: factor for each token that the sequence is longer, 1 to 100.
    public SamplingBuilder dryBase(float value) {
        dryBase = value;
        return this;
    }

    /// [Sampling#dryAllowedLength]: length in tokens of a repeated sequence that costs the multiplier, 1 or more.
    public SamplingBuilder dryAllowedLength(int value) {
        dryAllowedLength = value;
        return this;
    }

    /// [Sampling#dryLastN]: recent tokens in which a repetition is looked for; 0 is off, −1 all.
    public SamplingBuilder dryLastN(int value) {
        dryLastN = value;
        return this;
    }

    /// [Sampling#dryBreakers]: texts that no sequence reaches across.
    public SamplingBuilder dryBreakers(List<String> value) {
        dryBreakers = value;
        return this;
    }

    /// [Sampling#mirostat]: 0 is off; 1 or 2 for that version, which replaces all stages but the temperature.
    public SamplingBuilder mirostat(int value) {
        mirostat = value;
        return this;
    }

    /// [Sampling#mirostatTau]: surprise that is aimed at, in bits a token, 0 to 100.
    public SamplingBuilder mirostatTau(float value) {
        mirostatTau = value;
        return this;
    }

    /// [Sampling#mirostatEta]: learning rate, 0 to 1.
    public SamplingBuilder mirostatEta(float value) {
        mirostatEta = value;
        return this;
    }

    /// [Sampling#minKeep]: candidates that typical, top-p, min-p and XTC leave at least.
    public SamplingBuilder minKeep(int value) {
        minKeep = value;
        return this;
    }

    /// [Sampling#logitBias]: by token id, what is added to its logit; `-∞` excludes it.
    public SamplingBuilder logitBias(Map<Integer, Float> value) {
        logitBias = value;
        return this;
    }
}
