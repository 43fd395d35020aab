package dev.hone.trainer.hub;

import dev.hone.datasets.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository of the Hub at a revision.
 *
 * @param kind what it holds
 * @param id {@code org/name}, or a name alone for a few old ones
 * @param revision a branch, a tag or a commit
 */
public record Repository(Kind kind, String id, String revision) {
    /** What a repository holds. */
    public enum Kind {
        MODEL,
        DATASET;

        String plural() {
            return name().toLowerCase(Locale.ROOT) + "s";
        }
    }

    private static final Pattern ID = Pattern.compile("\\w[\\w.-]*/\\w[\\w.-]*(?:@[\\w./-]+)?");

    private static final Pattern FORM = Pattern.compile("(datasets/)?((?:[\\w.-]+/)?[\\w.-]+)(?:@([\\w./-]+))?");

    /**
     * Reads {@code org/name}, {@code org/name@revision} or {@code datasets/org/name}.
     *
     * @throws UserError where it is none of these
     */
    public static Repository of(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || text.contains("..") || text.contains("--")) {
            throw new UserError(
                    "\"" + text + "\" names no repository; write org/name, org/name@revision or datasets/org/name");
        }
        return new Repository(
                form.group(1) == null ? Kind.MODEL : Kind.DATASET,
                form.group(2),
                form.group(3) == null ? "main" : form.group(3));
    }

    /** Whether a folder is a repository's files at one commit, as the cache holds them. */
    public static boolean isSnapshot(Path folder) {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        return parent != null && parent.endsWith("snapshots");
    }

    /**
     * Whether a path a user gave can only mean a repository: it reads {@code org/name} or {@code org/name@revision}, and
     * neither it nor a folder {@code org} is there.
     */
    public static boolean isMeant(Path path) {
        return !path.isAbsolute()
                && path.getNameCount() >= 2
                && !Files.exists(path)
                && !Files.exists(path.getName(0))
                && ID.matcher(path.toString()).matches()
                && !path.toString().contains("..")
                && !path.toString().contains("--");
    }

    /** The folder of the cache: {@code models--org--name}. */
    String folder() {
        return kind.plural() + "--" + id.replace("/", "--");
    }

    /** {@code org/name@revision}, as users write it. */
    @Override
    public String toString() {
        return (kind == Kind.DATASET ? "datasets/" : "") + id + "@" + revision;
    }
}
