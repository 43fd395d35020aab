package dev.hone.trainer.optim;

import dev.hone.trainer.model.AskedPass;
import dev.hone.trainer.model.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Passes all asked for before the first is awaited, so that a GPU does not wait for the host between two. */
final class AskedPasses implements AutoCloseable {

    private final List<AskedPass> asked = new ArrayList<>();

    /** Asks for a pass for each of {@code work}. */
    <T> AskedPasses(List<T> work, Function<T, AskedPass> ask) {
        try {
            work.forEach(one -> asked.add(ask.apply(one)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Waits for what they give, where they were asked for {@code batches}: of each {@code [tokens]}. */
    List<float[]> logprobs(List<Batch> batches) {
        List<float[]> all = new ArrayList<>(batches.size());
        for (int i = 0; i < batches.size(); i++) {
            float[] logprobs = new float[batches.get(i).size()];
            asked.get(i).await(logprobs, null);
            all.add(logprobs);
        }
        return all;
    }

    /** Waits for what they give, where they were asked for {@code passes}. */
    List<PassResult> results(List<Pass> passes) {
        List<PassResult> results = new ArrayList<>(passes.size());
        for (int i = 0; i < passes.size(); i++) {
            Pass pass = passes.get(i);
            float[] logprobs = new float[pass.batch().size()];
            float[] entropies = pass.bonuses() == null ? null : new float[logprobs.length];
            asked.get(i).await(logprobs, entropies);
            results.add(new PassResult(pass.batch().loss(pass.coefficients(), logprobs), logprobs, entropies));
        }
        return results;
    }

    @Override
    public void close() {
        asked.forEach(AskedPass::close);
    }
}
