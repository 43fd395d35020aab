package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.LossMask;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.recipe.SftKeys;
import dev.hone.trainer.sft.SftTrainer;
import java.util.List;
import java.util.Locale;

/**
 * How pairs become what a model learns from.
 *
 * @param reach tokens of the longest sequence that the model's buffers and positions take
 */
public record Tokenizing(PairFormat format, int reach, Output output) {

    private static final String DROP = "drop";

    static Tokenizing of(ModelSource source, TransformerOptions options, Output output) {
        return new Tokenizing(
                source.format(), Math.min(options.maxTokens(), source.config().maxPositions()), output);
    }

    /**
     * Pairs as the model sees them; those longer than {@code max_length} or than the model reaches are left out where the
     * settings say so.
     *
     * @throws UserError where a pair has no response, or is too long and not to be left out
     */
    public List<TokenizedPair> tokenized(List<Pair> pairs, SftKeys settings) {
        List<TokenizedPair> tokenized =
                format.tokenize(pairs, new LossMask(settings.assistantOnlyLoss(), settings.completionOnlyLoss()));
        if (!settings.excessLengthStrategy().equals(DROP)) {
            SftTrainer.requireFit(tokenized, settings.maxLength(), reach);
            return tokenized;
        }
        int longest = Math.min(settings.maxLength(), reach);
        List<TokenizedPair> fitting =
                tokenized.stream().filter(pair -> pair.length() <= longest).toList();
        if (fitting.size() < tokenized.size()) {
            output.line(String.format(
                    Locale.ROOT,
                    "%,d of %,d pairs are longer than %,d tokens and left out",
                    tokenized.size() - fitting.size(),
                    tokenized.size(),
                    longest));
        }
        return fitting;
    }
}
