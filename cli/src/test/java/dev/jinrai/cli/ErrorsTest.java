package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.cli.Jinrai.Result;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every failure is one line that says what, where and what to do, and an exit code.
class ErrorsTest {
    @TempDir Path folder;

    /// Arguments, which spaces part, then the line.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frob                   | no command 'frob' (known: backends, bench, chat, convert,"
                        + " detokenize, help, imatrix, inspect, logits, quantize, run, selftest,"
                        + " template, tokenize)",
                "help frob              | no command 'frob' (known: backends, bench, chat, convert,"
                        + " detokenize, help, imatrix, inspect, logits, quantize, run, selftest,"
                        + " template, tokenize)",
                "compare a b            | no command 'compare' (known: backends, bench, chat,"
                        + " convert, detokenize, help, imatrix, inspect, logits, quantize, run,"
                        + " selftest, template, tokenize)",
                "--frob                 | unknown option '--frob' (see jinrai chat --help)",
                "run --temperatur 1     | unknown option '--temperatur', did you mean"
                        + " --temperature? (see jinrai run --help)",
                "run --temperature9=9   | unknown option '--temperature9', did you mean"
                        + " --temperature? (see jinrai run --help)",
                "run Once               | unexpected argument 'Once'; the prompt goes after -p, in"
                        + " quotes: -p \"TEXT\" (see jinrai run --help)",
                "run -p a b             | unexpected argument 'b'; the prompt goes after -p, in"
                        + " quotes: -p \"TEXT\" (see jinrai run --help)",
                "run chat               | unexpected argument 'chat'; the prompt goes after -p, in"
                        + " quotes: -p \"TEXT\" (see jinrai run --help)",
                "-b scalar run          | options go after the command: jinrai run … (see jinrai"
                        + " chat --help)",
                "bench Once             | unexpected argument 'Once' (see jinrai bench --help)",
                "run -p                 | Missing required parameter for option '--prompt' (TEXT)"
                        + " (see jinrai run --help)",
                "run -p a -p b          | option '--prompt' (TEXT) should be specified only once"
                        + " (see jinrai run --help)",
                "run -p a -n x          | Invalid value for option '--max-tokens': wanted a whole"
                        + " number of at most 2147483647, got 'x' (see jinrai run --help)",
                "run -p a -n -1         | --max-tokens: wanted 0 or more, got -1",
                "run -p a --temperature 9        | --temperature: wanted 0 to 2, got 9",
                "run -p a --temperature -0.5     | --temperature: wanted 0 to 2, got -0.5",
                "run -p a --temperature NaN      | --temperature: wanted 0 to 2, got NaN",
                "run -p a --temperature hot      | Invalid value for option '--temperature': wanted"
                        + " a number, got 'hot' (see jinrai run --help)",
                "run -p a --top-k -1             | --top-k: wanted 0 or more, got -1",
                "run -p a --top-p 1.5            | --top-p: wanted 0 to 1, got 1.5",
                "run -p a --min-p 2              | --min-p: wanted 0 to 1, got 2",
                "run -p a --repeat-penalty 0     | --repeat-penalty: wanted 0.01 to 10, got 0",
                "run -p a --repeat-last-n -2     | --repeat-last-n: wanted -1 or more, got -2",
                "run -p a --presence-penalty 3   | --presence-penalty: wanted -2 to 2, got 3",
                "run -p a --frequency-penalty -3 | --frequency-penalty: wanted -2 to 2, got -3",
                "run -p a --sampling ours         | --sampling: wanted jinrai or llama.cpp, got"
                        + " 'ours'",
                "run -p a --samplers top_q        | --samplers: wanted names of penalties, dry,"
                        + " top_n_sigma, top_k, typ_p, top_p, min_p, xtc, temperature with ';'"
                        + " between them, got 'top_q'",
                "run -p a --samplers xtc;xtc      | --samplers: 'xtc' is there twice",
                "run -p a --typical 2             | --typical-p: wanted 0 to 1, got 2",
                "run -p a --top-nsigma 101        | --top-n-sigma: wanted -1 to 100, got 101",
                "run -p a --min-keep -1           | --min-keep: wanted 0 or more, got -1",
                "run -p a --xtc-probability 2     | --xtc-probability: wanted 0 to 1, got 2",
                "run -p a --xtc-threshold -1      | --xtc-threshold: wanted 0 to 1, got -1",
                "run -p a --dynatemp-range 6      | --dynatemp-range: wanted 0 to 5, got 6",
                "run -p a --dynatemp-exp -1       | --dynatemp-exp: wanted 0 to 10, got -1",
                "run -p a --dry-multiplier -1     | --dry-multiplier: wanted 0 to 100, got -1",
                "run -p a --dry-base 0.5          | --dry-base: wanted 1 to 100, got 0.5",
                "run -p a --dry-allowed-length 0  | --dry-allowed-length: wanted 1 or more, got 0",
                "run -p a --dry-penalty-last-n -2 | --dry-penalty-last-n: wanted -1 or more, got"
                        + " -2",
                "run -p a --mirostat 3            | --mirostat: wanted 0 to 2, got 3",
                "run -p a --mirostat-ent -1       | --mirostat-ent: wanted 0 to 100, got -1",
                "run -p a --mirostat-lr 2         | --mirostat-lr: wanted 0 to 1, got 2",
                "run -p a -l 5                    | --logit-bias: wanted ID+X, ID-X or ID-inf,"
                        + " 15043-1 for example, got '5'",
                "run -p a -l 5+inf                | --logit-bias: wanted ID+X, ID-X or ID-inf,"
                        + " 15043-1 for example, got '5+inf'",
                "run -p a -l 5+1e9                | --logit-bias of token 5: wanted -1000000 to"
                        + " 1000000, got 1000000000",
                "run -p a -n 1 -l 999999+1        | --logit-bias: token id: wanted 0 to 4095, got"
                        + " 999999",
                "run -p a --seed -1     | --seed: wanted 0 or more, got -1",
                "run -p a -t 0          | --threads: wanted 1 to 1024, got 0",
                "run -p a -c 0          | --context: wanted 1 or more, got 0",
                "--temperature 9        | --temperature: wanted 0 to 2, got 9",
                "run -p a -f b          | --prompt, --file and --tokens exclude each other",
                "bench -p x             | --prompt-tokens: wanted numbers from 0 to 16777216 such"
                        + " as 128,512, got 'x'",
                "bench -n 1,,2          | --generated-tokens: wanted numbers from 0 to 16777216"
                        + " such as 128,512, got ''",
                "bench --depth -1       | --depth: wanted numbers from 0 to 16777216 such as"
                        + " 128,512, got '-1'",
                "bench -p 0 -n 0        | nothing to measure: --prompt-tokens and"
                        + " --generated-tokens are both 0",
                "bench -r 0             | --repetitions: wanted 1 to 1000, got 0",
                "bench --warmup -1      | --warmup: wanted 0 to 3600, got -1",
                "bench -o xml           | --output: wanted md, json or csv, got 'xml'",
                "bench -o csv --json    | --json and --output csv exclude each other",
                "bench -t 0             | --threads: wanted 1 to 1024, got 0",
                "bench -p 8 -n 4 -c 7   | --context: wanted 8 or more, which the tests need, got 7",
                "run --tokens x         | --tokens: wanted token ids such as 15043,29892,2787, got"
                        + " 'x'",
                "run --tokens 1,-2      | --tokens: wanted token ids such as 15043,29892,2787, got"
                        + " '-2'",
                "run --tokens 1,4096    | --tokens: wanted ids from 0 to 4095, the model's last,"
                        + " got 4096",
                "run --tokens 1 --chat  | --tokens: ids go to the model as they are; --chat,"
                        + " --system-prompt and --chat-template need text",
                "run -p a --chat --no-template   | --chat and --no-template exclude each other",
                "run -p a --no-template --system-prompt x | --no-template: a system prompt needs a"
                        + " chat template",
                "run -p a --chat-template t.jinja | --chat-template: no template 't.jinja' built in"
                        + " (known: none, plain, zephyr), and no file of that name",
                "run                    | no prompt: standard input is empty",
                "run -p a -b fpga       | --backend: no backend 'fpga' (known: auto, cpu, scalar,"
                        + " vulkan, metal, hybrid, hybrid-f32, cuda, opencl, coreml)",
                "chat -i --json         | --json: a conversation is not one document; give a prompt"
                        + " on standard input",
                "logits --tokens 1 --all-tensors  | --all-tensors: wanted with --out FILE.gguf",
                "logits                 | Missing required option: '--tokens=IDS' (see jinrai"
                        + " logits --help)",
                "inspect --dump x       | --dump NAME and --out RAW go together",
                "tokenize --jsonl x     | --jsonl: the texts come on standard input, without"
                        + " --json",
                "detokenize 5000        | IDS: wanted ids from 0 to 4095, the model's last, got"
                        + " 5000",
                "run -p a -b cpu --device 0 | --device: backend 'cpu' has no devices to choose"
                        + " from; use --backend vulkan",
                "selftest -b scalar     | --backend: wanted one that 'jinrai backends' lists, other"
                        + " than 'scalar', got 'scalar'",
                "run -p a --kv-type f64 | --kv-type: wanted f16, f32 or q8_0, got 'f64'",
                "run -p a --gpu-layers -1 | --gpu-layers: wanted 0 or more, got -1",
            })
    void wrongUsageIsExitCodeTwo(String arguments, String line) {
        Captured result = Captured.run(arguments.split(" +", -1));

        assertThat(result.err()).isEqualTo("jinrai: " + line + "\n");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run -p a -m /no/such       | /no/such: no such file",
                "run -f /no/such            | /no/such: cannot be read: no such file",
                "run -p a -m hf:a/b         | hf:a/b: this build cannot download; fetch the GGUF"
                        + " file and give its path",
                "run -p a -m ollama:a       | ollama:a: this build cannot download; fetch the GGUF"
                        + " file and give its path",
                "selftest -b metal          | backend 'metal' is unavailable: Metal is on Macs"
                        + " only; use --backend vulkan here",
                "run -p a -b metal          | backend 'metal' is unavailable: Metal is on Macs"
                        + " only; use --backend vulkan here",
                "run -p a -b cpu --gpu-layers 3 | backend 'cpu' has no layers on a GPU; use the"
                        + " backend hybrid, or auto",
                "run -p a -b coreml         | backend 'coreml' is unavailable: Jinrai has no Core"
                        + " ML backend; use --backend cpu",
                "run -p a -c 1 -b scalar | the context holds 1 tokens and 2 are needed; shorten the"
                        + " text or raise --context",
                "inspect --dump x --out /no/such/x | /no/such/x: cannot be written: no directory"
                        + " /no/such",
                "logits --tokens 1 --out /dev/null | /dev/null: cannot be written: is not a regular"
                        + " file",
            })
    void aFailureIsExitCodeOne(String arguments, String line) {
        Captured result =
                Captured.run(
                        arguments.replace("--dump x", "--dump output_norm.weight").split(" +", -1));

        assertThat(result.err()).isEqualTo("jinrai: " + line + "\n");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
    }

    /// No machine has the memory for so many tokens, so nothing is begun.
    @Test
    void aContextThatNoMemoryHoldsIsRefused() {
        Result result = jinrai("run", "-p", "a", "-c", "2147483647").run();

        assertThat(result.err())
                .matches(
                        "jinrai: .*/demo-Q8_0\\.gguf: (\\d+ MiB of memory are needed \\(\\d+ MiB"
                            + " for weights, )?\\d+ MiB for keys and values of 2147483647 tokens.*"
                            + " and (\\d+ MiB are available|the Java heap leaves them \\d+ MiB); a"
                            + " context of \\d+ or less fits(, a larger Java heap \\(-Xmx\\) may"
                            + " fit)?; the options are --context, --kv-type, --gpu-layers and"
                            + " --backend\n");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void aFolderIsNoModel() throws IOException {
        String wanted =
                "%s: is a directory without a config.json, wanted a GGUF file or a directory of"
                        + " Hugging Face";
        fails(wanted, folder);
        Files.createFile(folder.resolve("b.gguf"));
        fails(wanted + " (there: b.gguf)", folder);
        Files.createFile(folder.resolve("config.json"));
        fails("%s/config.json: line 1, column 1: wanted a value, got the end", folder);
    }

    @Test
    void aLinkToNothingIsSaidToBeOne() throws IOException {
        Path absent = folder.resolve("absent.gguf");
        fails(
                "%s: is a link to a file that is not there",
                Files.createSymbolicLink(folder.resolve("link.gguf"), absent));
    }

    @Test
    void aPartOfASplitModelNamesWhatIsMissing() {
        Path first = folder.resolve("m-00001-of-00002.gguf");
        part(0).write(first);
        Path second = folder.resolve("m-00002-of-00002.gguf");
        fails(
                "%s: no such file (part 2 of 2 of a model, all of which have to be there)",
                second, first);
        part(1).write(second);
        fails(
                "%s: is part 2 of 2 of a model; open the first, whose name ends in"
                        + " -00001-of-00002.gguf",
                second);
    }

    private static GgufWriter part(int number) {
        return new GgufWriter()
                .put("split.no", new MetadataValue.Whole(ValueType.UINT16, number))
                .put("split.count", new MetadataValue.Whole(ValueType.UINT16, 2));
    }

    @Test
    void aModelWithoutAChatTemplateNamesTheOptionsThatHelp() throws IOException {
        Path file = folder.resolve("plain.gguf");
        var writer = new GgufWriter();
        try (Gguf gguf = Gguf.open(Path.of(Repository.file("demo/demo-Q8_0.gguf")))) {
            for (String key : gguf.metadata().keys()) {
                if (!key.equals(ChatTemplate.KEY)) {
                    writer.put(key, gguf.metadata().find(key).orElseThrow());
                }
            }
            for (var tensor : gguf.tensors()) {
                writer.tensor(
                        tensor.name(), tensor.type(), tensor.shape(), () -> gguf.data(tensor));
            }
            writer.write(file);
        }

        Captured result = Captured.run("chat", "-m", file.toString());

        assertThat(result.err())
                .isEqualTo(
                        "jinrai: the model has no chat template; those built in are none, plain,"
                                + " zephyr; --chat-template names one, --no-template uses none\n");
        assertThat(result.code()).isEqualTo(1);
    }

    @Test
    void aTruncatedFileSaysWhere() throws IOException {
        byte[] demo = Files.readAllBytes(Path.of(Repository.file("demo/demo-Q8_0.gguf")));
        Path file = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(demo, 5000));

        Captured result = Captured.run("run", "-p", "a", "-m", file.toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .startsWith(
                        "jinrai: %s: at byte 0x385, key 'tokenizer.ggml.tokens'".formatted(file))
                .hasLineCount(1);
    }

    @Test
    void anUnknownArchitectureIsNamedTogetherWithTheFile() {
        Path file = folder.resolve("other.gguf");
        new GgufWriter().string("general.architecture", "mamba\u001b[31m\nx").write(file);

        Captured result = Captured.run("run", "-p", "a", "-m", file.toString());

        // What a file says can neither colour the terminal nor forge a line.
        assertThat(result.err())
                .startsWith(
                        "jinrai: %s: architecture 'mamba\\u{1B}[31m\\nx' is not supported"
                                .formatted(file))
                .hasLineCount(1);
        assertThat(result.code()).isEqualTo(1);
    }

    @Test
    void modelsAreFoundByNameInTheModelDirectory() throws IOException {
        Files.createSymbolicLink(folder.resolve("tiny.gguf"), Path.of(Repository.f16()));
        var here = Map.of("JINRAI_MODEL_DIR", folder.toString());

        Captured unknown = Captured.run(here, "", false, "tokenize", "-m", "tinny", "x");
        assertThat(unknown.err())
                .isEqualTo(
                        "jinrai: tinny: no such file, and no model of that name in "
                                + folder
                                + " (there: tiny.gguf)\n");
        assertThat(Captured.run(here, "", false, "tokenize", "-m", "tiny", "x").code()).isZero();
        assertThat(Captured.run(here, "", false, "tokenize", "-m", "tiny.gguf", "x").code())
                .isZero();
        var both = Map.of("JINRAI_MODEL_DIR", folder.toString(), "JINRAI_MODEL", "tiny");
        assertThat(Captured.run(both, "", false, "tokenize", "x").code()).isZero();
    }

    @Test
    void aTerminalWithoutAPromptIsWrongUsage() {
        Captured result = Captured.run(Map.of(), "", true, "run");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo(
                        "jinrai: no prompt: give one with -p TEXT, -f FILE, --tokens IDS, or on"
                                + " standard input\n");
    }

    @Test
    void outOfMemoryNamesWhatAUserCanChange() {
        var err = new ByteArrayOutputStream();
        int code =
                Failures.report(
                        new OutOfMemoryError("Java heap space"),
                        new Messages(new PrintStream(err, true, UTF_8), false));

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(UTF_8))
                .matches(
                        "jinrai: out of memory: Java heap space; the Java heap may grow to .*:"
                                + " use a shorter --context or a smaller model\n");
    }

    /// The same through a process: no exit code and no line is lost on the way out.
    @ParameterizedTest
    @ValueSource(strings = {"run -m /no/such", "run -p x --temperature 9", "frob"})
    void theProcessSaysItTheSameWay(String arguments) {
        Captured within = Captured.run(arguments.split(" ", -1));
        Result process = jinrai(arguments.split(" ", -1)).run();

        assertThat(process).isEqualTo(new Result(within.code(), within.out(), within.err()));
    }

    @Test
    void helpNamesEveryCommand() {
        String help = Captured.run("--help").out();

        assertThat(help)
                .contains(
                        Stream.of(
                                        "chat",
                                        "run",
                                        "tokenize",
                                        "detokenize",
                                        "inspect",
                                        "logits",
                                        "backends")
                                .map(c -> "\n  " + c)
                                .toList());
        assertThat(Captured.run("help", "run")).isEqualTo(Captured.run("run", "--help"));
        assertThat(Captured.run("--version").out()).matches("jinrai \\S+ \\(Java 2.*\\)\n");
    }

    private static void fails(String line, Path model) {
        fails(line, model, model);
    }

    /// @param named the file that the line is about
    private static void fails(String line, Path named, Path model) {
        Captured result = Captured.run("run", "-p", "a", "-m", model.toString());

        assertThat(result.err()).isEqualTo("jinrai: " + line.formatted(named) + "\n");
        assertThat(result.code()).isEqualTo(1);
    }
}
