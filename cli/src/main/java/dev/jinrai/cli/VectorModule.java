package dev.jinrai.cli;

/// Loads the Vector API after the JVM has started.
///
/// A JVM that resolves `jdk.incubator.vector` at start says so on standard error, each time, and there is
/// no flag against it: no program with one clear line for its errors could use the module. Loaded
/// later, as the JDK itself loads modules for its agents, nothing is said. The launcher gives the two
/// flags this needs: `--add-exports java.base/jdk.internal.module=dev.jinrai.cli`, and
/// `-XX:+EnableVectorSupport`, which resolving it at start would have set. See
/// `docs/decisions/0005`.
final class VectorModule {
    private VectorModule() {}

    /// Loads the module if that is allowed and it is not there yet. Where it is not allowed, the `cpu`
    /// backend says that the module is missing and what to do.
    static void load() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            return;
        }
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, "jdk.incubator.vector");
        } catch (ReflectiveOperationException | LinkageError e) {
            // Another JDK, or started without the launcher's flags: probing reports it.
            return;
        }
    }
}
