package dev.hone.kernels.nativ;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.bytedeco.javacpp.Loader;

/**
 * Finds the shared libraries among this package's resources and has them lie in files. Out of a jar they are unpacked
 * beneath JavaCPP's cache in a directory named by their content and appear there by a rename, so that builds never mix
 * and any number of processes may start at once; JavaCPP's own unpacking goes by size and time and promises neither.
 */
final class NativeLibraries {

    private NativeLibraries() {}

    /** Makes the generated binding usable. */
    static void loadBinding() throws IOException {
        URL[] file = {find(Binding.LIBRARY).toUri().toURL()};
        Loader.loadLibrary(NativeLibraries.class, file, Binding.LIBRARY);
    }

    /** Whether this build has library {@code name} for the platform. */
    static boolean exists(String name) {
        return NativeLibraries.class.getResource(resource(name)) != null;
    }

    private static String resource(String name) {
        return Loader.getPlatform() + "/" + System.mapLibraryName(name);
    }

    /** The file of library {@code name}; throws when this build has none for the platform. */
    static Path find(String name) throws IOException {
        URL url = NativeLibraries.class.getResource(resource(name));
        if (url == null) {
            throw new IOException(
                    "this build of hone has no " + System.mapLibraryName(name) + " for " + Loader.getPlatform());
        }
        if (url.getProtocol().equals("file")) {
            return Path.of(uri(url));
        }
        try (InputStream stream = url.openStream()) {
            return unpack(stream.readAllBytes(), System.mapLibraryName(name));
        }
    }

    private static Path unpack(byte[] library, String fileName) throws IOException {
        Path directory = Loader.getCacheDir().toPath().resolve("hone").resolve(sha256(library));
        Path file = directory.resolve(fileName);
        if (!Files.exists(file)) {
            Files.createDirectories(directory);
            Path unfinished = Files.createTempFile(directory, fileName, ".tmp");
            Files.write(unfinished, library);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return file;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private static URI uri(URL url) {
        try {
            return url.toURI();
        } catch (URISyntaxException e) {
            throw new AssertionError("class loaders give well-formed addresses", e);
        }
    }
}
