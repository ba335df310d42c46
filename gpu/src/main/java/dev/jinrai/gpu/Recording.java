package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was not sent yet: verbs that wait for those that follow, and the commands that are recorded. Nothing runs before [#send].
final class Recording {
    private final GpuDevice device;
    private final Backend verbs;
    private final Arguments arguments = new Arguments();
    private final Hazards hazards = new Hazards();
    private final List<Runnable> beginnings = new ArrayList<>();
    private @Nullable GpuRecorder recorder;

    /// The verbs of a pass of one token, as far as they were issued.
    private @Nullable List<Verb> waiting;

    /// What the last command wrote, if a verb said so.
    private @Nullable GpuBuffer result;

    /// Whether something was sent that may not be done.
    private boolean busy;

    /// How often recording was cut by a wait: a pass in which it was is not one step.
    private int cuts;

    /// @param verbs gets the verbs that wait no longer
    Recording(GpuDevice device, Backend verbs) {
        this.device = device;
        this.verbs = verbs;
    }

    /// Has `forget` run whenever a step begins: it may be sent again, after others.
    void onBegin(Runnable forget) {
        beginnings.add(forget);
    }

    // ---- verbs that wait

    /// Has verbs wait from now on.
    void holdBack() {
        waiting = new ArrayList<>();
    }

    /// {@return whether `verb` waits for those that follow}
    boolean waits(Verb verb) {
        if (waiting == null) {
            return false;
        }
        waiting.add(verb);
        return true;
    }

    /// {@return the verbs that waited and were not issued; none waits any more}
    List<Verb> takeWaiting() {
        List<Verb> taken = waiting == null ? List.of() : waiting;
        waiting = null;
        return taken;
    }

    /// Issues the verbs that wait as they are: somebody reads between them.
    void issueWaiting() {
        takeWaiting().forEach(verb -> verb.to(verbs));
    }

    // ---- commands

    /// {@return a list for the next command's arguments}
    Arguments start() {
        return arguments.start();
    }

    Hazards hazards() {
        return hazards;
    }

    /// Runs `x × y` workgroups with the arguments of [#start], after what [#hazards] says they depend on.
    void dispatch(GpuKernel kernel, int x, int y) {
        GpuRecorder to = recorder();
        result = null;
        if (hazards.next()) {
            to.barrier();
        }
        to.dispatch(kernel, x, y, 1, arguments.bytes());
    }

    /// Notes that the last command wrote all of `out`.
    void result(GpuBuffer out) {
        result = out;
    }

    /// {@return what the last command wrote, where that was noted and no other came since}
    @Nullable GpuBuffer result() {
        return result;
    }

    void forgetResult() {
        result = null;
    }

    GpuRecorder recorder() {
        if (recorder == null) {
            recorder = device.record();
            recorder.barrier(); // after what was sent before
            hazards.clear();
            beginnings.forEach(Runnable::run);
        }
        return recorder;
    }

    /// {@return whether nothing waits and nothing is recorded}
    boolean isEmpty() {
        return recorder == null && waiting == null;
    }

    // ---- steps

    /// Ends what is being recorded and sends it.
    ///
    /// @return nothing if nothing was recorded
    @Nullable GpuStep send() {
        GpuRecorder ended = recorder;
        if (ended == null) {
            return null;
        }
        recorder = null;
        GpuStep step = ended.end();
        submit(step);
        return step;
    }

    void submit(GpuStep step) {
        device.submit(step);
        busy = true;
    }

    /// Sends what is recorded and waits for all.
    void finish() {
        issueWaiting();
        GpuStep step = send();
        cuts += step == null ? 0 : 1;
        if (busy) {
            device.await();
            busy = false;
        }
        if (step != null) {
            step.close();
        }
    }

    /// {@return how often a wait cut what was recorded}
    int cuts() {
        return cuts;
    }
}
