package dev.jinrai.format;

/// Whether the Vector API is there. Our module requires it statically only, so where it was resolved, or
/// loaded before the first use of this class, we have to ask to read it.
final class VectorApi {
    static final boolean PRESENT = present();

    private VectorApi() {}

    private static boolean present() {
        try {
            ClassLoader loader = VectorApi.class.getClassLoader();
            Class<?> vector = Class.forName("jdk.incubator.vector.Vector", false, loader);
            VectorApi.class.getModule().addReads(vector.getModule());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
