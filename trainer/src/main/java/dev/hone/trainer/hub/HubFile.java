package dev.hone.trainer.hub;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;

/**
 * A file of a repository.
 *
 * @param path within the repository
 * @param size in bytes
 * @param hash its name among the blobs: the SHA-256 of a large file, git's hash of a small one
 */
record HubFile(String path, long size, String hash) {

    /** Large files are kept apart from git, under their SHA-256. */
    static HubFile of(JsonNode sibling) {
        JsonNode large = sibling.path("lfs");
        String path = sibling.path("rfilename").asString("");
        String hash = large.path("sha256").asString(sibling.path("blobId").asString(""));
        long size = large.path("size").asLong(sibling.path("size").asLong(-1));
        // A repository is a stranger's: its names must stay within its folder.
        if (path.isEmpty() || !hash.matches("[0-9a-f]{40}|[0-9a-f]{64}") || size < 0 || !isPlain(path)) {
            throw new UserError("The Hub lists a file \"" + path
                    + "\" with an unsafe name or without size and hash; do not use this repository");
        }
        return new HubFile(path, size, hash);
    }

    private static boolean isPlain(String path) {
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.matches(".*[\\\\:\\x00-\\x1f].*")) {
                return false;
            }
        }
        return true;
    }

    /** Whether a file's bytes are this one's. */
    boolean matches(Path file) throws IOException {
        boolean large = hash.length() == 64;
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(large ? "SHA-256" : "SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256 and SHA-1", e);
        }
        if (!large) {
            // Git hashes a header first.
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
        }
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).equals(hash);
    }
}
