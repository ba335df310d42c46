package dev.jinrai.gpu;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Passes that were recorded: one of a shape that is known is sent again as it is. What differs lies in [BatchMemory] and in the
/// tables of the caches.
final class Passes {
    /// Most bytes that are brought to the host at the end of a pass.
    private static final long MOST_ANSWER = 16L << 20;

    /// Most recorded steps that are kept: answers are of one shape, prompts end in passes of any size.
    private static final int MOST_STEPS = 8;

    /// What a recorded pass depends on: caches of one layout lie alike.
    ///
    /// @param alone whether all tokens are of one cache
    private record Shape(
            int tokens, int outputs, Batch.Candidates candidates, KvLayout layout, boolean alone) {
        static Shape of(Batch batch) {
            var cache = (GpuKvCache) batch.runs().getFirst().cache();
            return new Shape(
                    batch.size(),
                    batch.outputs(),
                    batch.candidates(),
                    cache.layout(),
                    batch.runs().size() == 1);
        }
    }

    /// A recorded pass.
    ///
    /// @param answer what it brings to the host at its end, if anything
    private record Pass(GpuStep step, Answers.@Nullable Answer answer) {}

    private final GpuDevice device;
    private final Recording recording;
    private final Answers answers;
    private final Map<Shape, Pass> passes = new HashMap<>();
    private BatchMemory batchMemory;
    private @Nullable Batch batch;

    Passes(GpuDevice device, Recording recording, Answers answers) {
        this.device = device;
        this.recording = recording;
        this.answers = answers;
        batchMemory = new BatchMemory(device, 512);
    }

    /// Runs one pass: the step of its shape, or `verbs`, which are recorded.
    ///
    /// @param fusion what makes few commands of the verbs of one token, if anything
    void run(Batch next, Runnable verbs, @Nullable Fusion fusion) {
        publish(next);
        reserve(next);
        var shape = Shape.of(next);
        Pass known = passes.get(shape);
        if (known != null) {
            recording.submit(known.step());
            answers.current(known.answer());
            return;
        }
        if (passes.size() == MOST_STEPS) {
            forget(); // before anything of this pass is recorded, which would be sent
        }
        int before = recording.cuts();
        batchMemory.bring(recording.recorder());
        issue(verbs, next.size() == 1 ? fusion : null);
        if (recording.cuts() != before) {
            recording.finish();
            return;
        }
        bringResult();
        GpuStep step = recording.send();
        if (step != null) {
            passes.put(shape, new Pass(step, answers.current()));
        }
    }

    /// Issues the verbs of a pass, as few commands where `fusion` can.
    private void issue(Runnable verbs, @Nullable Fusion fusion) {
        recording.forgetResult();
        if (fusion == null) {
            verbs.run();
            return;
        }
        recording.holdBack();
        try {
            verbs.run();
            List<Verb> all = recording.takeWaiting();
            if (!all.isEmpty()) {
                fusion.issue(all);
            }
        } finally {
            recording.takeWaiting(); // of a pass that failed
        }
    }

    /// Has the pass end with what its last verb wrote where the host sees it.
    private void bringResult() {
        GpuBuffer result = recording.result();
        if (result != null && result.bytes() <= MOST_ANSWER) {
            GpuMemory host = answers.mirror(result);
            recording.recorder().barrier();
            recording.recorder().copy(result.memory(), 0, host, 0, result.bytes());
        }
    }

    /// Has the caches of a batch room for its tokens.
    static void reserve(Batch batch) {
        for (var run : batch.runs()) {
            ((GpuKvCache) run.cache()).reserve(run.start() + run.count());
        }
    }

    /// Makes `next` the batch whose data the kernels see.
    void turnTo(Batch next) {
        if (batch != next) {
            publish(next);
            batchMemory.bring(recording.recorder());
        }
    }

    /// Makes `next` the batch that the next [BatchMemory#bring] brings.
    private void publish(Batch next) {
        recording.finish();
        if (batchMemory.capacity() < next.size()) {
            forget();
            batchMemory.close();
            batchMemory = new BatchMemory(device, 2 * next.size());
        }
        batchMemory.write(next);
        batch = next;
    }

    BatchMemory batchMemory() {
        return batchMemory;
    }

    /// Forgets the recorded passes: memory that they name goes, or comes.
    void forget() {
        if (!passes.isEmpty()) {
            recording.finish();
            closeSteps();
            passes.clear();
            answers.closeOutgrown();
        }
    }

    /// Gives the recorded passes back without waiting for them.
    void closeSteps() {
        passes.values().forEach(pass -> pass.step().close());
    }

    /// Gives back what [Holdings] does not hold.
    void close() {
        batchMemory.close();
    }
}
