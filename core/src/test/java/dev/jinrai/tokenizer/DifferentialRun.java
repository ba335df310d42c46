package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Gguf;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Random texts and ids, tokenized by us and by another program: counts where they differ. See
/// `docs/recipes/compare-tokenizers.md`.
final class DifferentialRun {
    private static final HexFormat HEX = HexFormat.of();
    private static final int SHOWN = 10;

    private DifferentialRun() {}

    /// Exits with 1 where they differ.
    ///
    /// @param args vocabulary, how many texts, seed, then the other program and its arguments
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 4) {
            System.err.println(
                    "usage: DifferentialRun VOCABULARY.gguf COUNT SEED PROGRAM [ARGUMENT...]");
            System.exit(2);
        }
        Tokenizer tokenizer;
        try (Gguf file = Gguf.open(Path.of(args[0]))) {
            tokenizer = Tokenizer.from(file.metadata());
        }
        var random = new SplittableRandom(Long.parseLong(args[2]));
        List<Request> requests = requests(tokenizer, Integer.parseInt(args[1]), random);
        List<String> theirs = ask(Arrays.asList(args).subList(3, args.length), requests);

        int different = 0;
        for (int i = 0; i < requests.size(); i++) {
            String ours = requests.get(i).answer(tokenizer);
            if (!ours.equals(theirs.get(i)) && different++ < SHOWN) {
                System.out.printf(
                        "%s%n  ours   %s%n  theirs %s%n",
                        requests.get(i).shown(), ours, theirs.get(i));
            }
        }
        long answers = theirs.stream().distinct().count();
        System.out.printf(
                "%s, seed %s: %d requests, %d distinct answers, %d different%n",
                Path.of(args[0]).getFileName(), args[2], requests.size(), answers, different);
        System.exit(different > 0 ? 1 : 0);
    }

    /// `count` texts, a tenth as many sequences of ids, and each token twice.
    private static List<Request> requests(Tokenizer tokenizer, int count, SplittableRandom random) {
        var texts = new RandomTexts(tokenizer, random);
        int size = tokenizer.vocabulary().size();
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Encode(random.nextBoolean(), random.nextBoolean(), texts.next(20)));
        }
        for (int i = 0; i < count / 10; i++) {
            List<Integer> ids = random.ints(random.nextInt(1, 12), 0, size).boxed().toList();
            all.add(new Decode(random.nextBoolean(), random.nextBoolean(), ids));
        }
        for (int id = 0; id < size; id++) {
            all.add(new Piece(false, id));
            all.add(new Piece(true, id));
        }
        return all;
    }

    private static List<String> ask(List<String> program, List<Request> requests)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread writer = Thread.startVirtualThread(() -> write(process, requests));
        List<String> answers = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line; (line = lines.readLine()) != null; ) {
                answers.add(line);
            }
        }
        writer.join();
        if (process.waitFor() != 0 || answers.size() != requests.size()) {
            throw new IOException(
                    "%s: exit code %d, %d answers to %d requests"
                            .formatted(
                                    program, process.exitValue(), answers.size(), requests.size()));
        }
        return answers;
    }

    private static void write(Process process, List<Request> requests) {
        try (Writer out = process.outputWriter(StandardCharsets.US_ASCII)) {
            for (Request request : requests) {
                out.write(request.line());
                out.write('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int bit(boolean flag) {
        return flag ? 1 : 0;
    }

    private static String list(int[] ids) {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    /// What both sides are asked.
    private sealed interface Request {
        /// The line for the other program.
        String line();

        /// Our answer, as the other program writes it.
        String answer(Tokenizer tokenizer);

        /// For a reader.
        default String shown() {
            return line();
        }
    }

    private record Encode(boolean addSpecial, boolean parseSpecial, String text)
            implements Request {
        @Override
        public String line() {
            String hex = HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
            return "T%d%d %s".formatted(bit(addSpecial), bit(parseSpecial), hex);
        }

        @Override
        public String answer(Tokenizer tokenizer) {
            return list(tokenizer.encode(text, addSpecial, parseSpecial));
        }

        @Override
        public String shown() {
            return "encode %s, special added %s, parsed %s"
                    .formatted(escaped(text), addSpecial, parseSpecial);
        }

        private static String escaped(String text) {
            return text.chars()
                    .mapToObj(c ->
                            c > ' ' && c < 0x7f ? Character.toString(c) : "\\u%04x".formatted(c))
                    .collect(Collectors.joining());
        }
    }

    private record Decode(boolean removeSpecial, boolean unparseSpecial, List<Integer> ids)
            implements Request {
        private int[] array() {
            return ids.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public String line() {
            return "D%d%d %s".formatted(bit(removeSpecial), bit(unparseSpecial), list(array()));
        }

        @Override
        public String answer(Tokenizer tokenizer) {
            return HEX.formatHex(tokenizer.decodeBytes(array(), removeSpecial, unparseSpecial));
        }
    }

    private record Piece(boolean special, int id) implements Request {
        @Override
        public String line() {
            return "P%d0 %d".formatted(bit(special), id);
        }

        @Override
        public String answer(Tokenizer tokenizer) {
            return HEX.formatHex(tokenizer.piece(id, special));
        }
    }
}
