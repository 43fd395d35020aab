package dev.hone.trainer.screen;

import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.LossMask;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a model makes of pairs without generating anything: the mean and the last of the hidden states that its classifier
 * sees over the prompt, and how likely and how certain the tokens of the prompt and of the worked response are to it. One
 * forward pass a pair. A pair's features depend on the pair and the model alone.
 */
public final class PairFeatures {

    private static final LossMask RESPONSE = new LossMask(true, true);

    /** Mean, least and sum of log-probabilities, mean and first entropy, length. */
    private static final int SPAN = 6;

    private final Transformer transformer;
    private final PairFormat format;
    private long tokens;

    public PairFeatures(Transformer transformer, PairFormat format) {
        this.transformer = transformer;
        this.format = format;
    }

    /** Features of a pair. */
    public int size() {
        return 2 * transformer.config().hiddenSize() + 2 * SPAN;
    }

    /** Tokens passed so far. */
    public long tokens() {
        return tokens;
    }

    /**
     * Passes pairs through the model.
     *
     * @param pairs with responses; of those longer than a pass of the transformer only the end is seen
     * @param between called after each pass; it may throw to stop
     * @return {@code [pairs, size()]}
     * @throws dev.hone.datasets.UserError where the chat template refuses a pair
     */
    public float[][] of(List<Pair> pairs, Runnable between) {
        List<TokenizedPair> tokenized = format.tokenize(pairs, RESPONSE);
        List<TokenizedPair> whole = new ArrayList<>();
        int[] prompts = new int[pairs.size()];
        for (int i = 0; i < pairs.size(); i++) {
            TokenizedPair pair = tokenized.get(i);
            int cut = Math.max(0, pair.length() - transformer.maxTokens());
            prompts[i] = Math.max(1, pair.promptLength() - cut);
            // Every token but the first is a target, so that the prompt's too have a log-probability.
            whole.add(new TokenizedPair(Integer.toString(i), Arrays.copyOfRange(pair.tokens(), cut, pair.length()), 1));
        }
        float[][] features = new float[pairs.size()][];
        for (List<TokenizedPair> bin : Packer.pack(whole, transformer.maxTokens())) {
            pass(Batch.pack(bin), prompts, features);
            between.run();
        }
        return features;
    }

    private void pass(Batch batch, int[] prompts, float[][] features) {
        int width = transformer.config().hiddenSize();
        float[] logprobs = new float[batch.size()];
        float[] entropies = new float[batch.size()];
        float[] hidden = new float[batch.size() * width];
        transformer.device().read(transformer.hidden(batch, 1, logprobs, entropies), hidden);
        for (int s = 0; s < batch.sequences(); s++) {
            int from = batch.offsets()[s];
            int to = batch.offsets()[s + 1];
            int pair = Integer.parseInt(batch.ids().get(s));
            int response = Math.min(to - 1, from + prompts[pair]);
            float[] row = new float[size()];
            pool(hidden, width, from, response, row);
            // The token at t predicts the one at t + 1, so the prompt's own are predicted by all but its last.
            span(logprobs, entropies, from, response - 1, row, 2 * width);
            span(logprobs, entropies, response - 1, to - 1, row, 2 * width + SPAN);
            features[pair] = row;
        }
        tokens += batch.size();
    }

    private static void pool(float[] hidden, int width, int from, int to, float[] row) {
        for (int i = 0; i < width; i++) {
            double sum = 0;
            for (int token = from; token < to; token++) {
                sum += hidden[token * width + i];
            }
            row[i] = (float) (sum / (to - from));
        }
        System.arraycopy(hidden, (to - 1) * width, row, width, width);
    }

    private static void span(float[] logprobs, float[] entropies, int from, int to, float[] row, int at) {
        double sum = 0;
        double least = 0;
        double entropy = 0;
        for (int token = from; token < to; token++) {
            sum += logprobs[token];
            least = Math.min(least, logprobs[token]);
            entropy += entropies[token];
        }
        int count = Math.max(1, to - from);
        row[at] = (float) (sum / count);
        row[at + 1] = (float) least;
        row[at + 2] = (float) sum;
        row[at + 3] = (float) (entropy / count);
        row[at + 4] = to > from ? entropies[from] : 0;
        row[at + 5] = (float) Math.log(count);
    }
}
