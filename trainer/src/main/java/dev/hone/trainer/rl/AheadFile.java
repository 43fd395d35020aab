package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.trainer.generate.Completion;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Completions that were drawn ahead of their step, to the bit, so that a resumed run learns from the same ones: the weights
 * that drew them are gone by then. One file a step, whole or not at all.
 */
final class AheadFile {

    private final Path directory;

    AheadFile(Path directory) {
        this.directory = directory;
    }

    private Path file(long step) {
        return directory.resolve("rl-ahead-" + step + ".bin");
    }

    void write(long step, List<List<Completion>> completions) {
        Path file = file(step);
        try (WholeFile whole = new WholeFile(file)) {
            DataOutputStream out = new DataOutputStream(whole.stream());
            out.writeInt(completions.size());
            for (List<Completion> group : completions) {
                out.writeInt(group.size());
                for (Completion one : group) {
                    write(out, one);
                }
            }
            whole.keep();
        } catch (IOException e) {
            throw new UserError(
                    "Cannot write " + file + ": " + e
                            + "; make room or make the directory writable, then resume the run",
                    e);
        }
    }

    private static void write(DataOutputStream out, Completion one) throws IOException {
        out.writeBoolean(one.finished());
        out.writeInt(one.tokens().length);
        for (int t = 0; t < one.tokens().length; t++) {
            out.writeInt(one.tokens()[t]);
            out.writeFloat(one.logprobs()[t]);
        }
    }

    /** @throws UserError where there is none, or it is damaged */
    List<List<Completion>> read(long step) {
        Path file = file(step);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            List<List<Completion>> completions = new ArrayList<>();
            for (int prompts = in.readInt(); prompts > 0; prompts--) {
                List<Completion> group = new ArrayList<>();
                for (int samples = in.readInt(); samples > 0; samples--) {
                    group.add(completion(in));
                }
                completions.add(group);
            }
            return completions;
        } catch (IOException e) {
            throw new UserError(
                    "Cannot read " + file + " (" + UserError.reason(e) + "), the completions that step " + step
                            + " learns from; restore it, or begin the run anew",
                    e);
        }
    }

    private static Completion completion(DataInputStream in) throws IOException {
        boolean finished = in.readBoolean();
        int[] tokens = new int[in.readInt()];
        float[] logprobs = new float[tokens.length];
        for (int t = 0; t < tokens.length; t++) {
            tokens[t] = in.readInt();
            logprobs[t] = in.readFloat();
        }
        return new Completion(tokens, logprobs, finished);
    }

    /** Removes what no step needs any more. */
    void delete(long step) {
        try {
            Files.deleteIfExists(file(step));
        } catch (IOException e) {
            throw new UserError(
                    "Cannot remove " + file(step) + " (" + UserError.reason(e) + "); make the directory writable", e);
        }
    }
}
