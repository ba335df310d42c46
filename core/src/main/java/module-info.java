/// Large language models, run on the JVM: files, formats, tokenizers, architectures, kernels and
/// sampling, without a dependency.
///
/// Start reading at `dev.jinrai.Model`. `jdk.incubator.vector` is optional: without it the engine
/// runs on the scalar backend, and `dev.jinrai.backend.Backends` says why.
module dev.jinrai.core {
    requires static jdk.incubator.vector;
    requires static transitive org.jspecify;

    exports dev.jinrai;
    exports dev.jinrai.backend;
    exports dev.jinrai.chat;
    exports dev.jinrai.chat.output;
    exports dev.jinrai.format;
    exports dev.jinrai.gguf;
    exports dev.jinrai.grammar;
    exports dev.jinrai.huggingface;
    exports dev.jinrai.jinja;
    exports dev.jinrai.model;
    exports dev.jinrai.arch;
    exports dev.jinrai.quantize;
    exports dev.jinrai.safetensors;
    exports dev.jinrai.sampler;
    exports dev.jinrai.tokenizer;
    exports dev.jinrai.trace;

    uses dev.jinrai.backend.BackendProvider;
}
