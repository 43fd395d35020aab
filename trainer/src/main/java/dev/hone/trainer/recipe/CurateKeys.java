package dev.hone.trainer.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How teachable pairs are chosen. */
public record CurateKeys(
        @Key(value = "Answers drawn for each candidate.", fallback = "4", min = 1)
        int attempts,

        @Key(value = "Sampling temperature.", fallback = "1.0", min = 0)
        double temperature,

        @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
        double topP,

        @Key(value = "Longest answer, in tokens.", fallback = "256", min = 1)
        int maxTokens,

        @Key(value = "Pairs solved less often are dropped as hopeless.", fallback = "0.0", min = 0, max = 1)
        double minPassRate,

        @Key(value = "Pairs solved more often are dropped as mastered.", fallback = "0.9", min = 0, max = 1)
        double maxPassRate,

        @Key(
                value =
                        "How much a pair's loss counts in fine-tuning: `none`, all the same; `edge`, by 4p(1 - p), p its"
                                + " pass rate, so that what is solved every second time counts most, and what is solved"
                                + " always or never is dropped.",
                fallback = "none",
                choices = {"none", "edge"})
        String weighting,

        @Key("Attempt only candidates that a small network, which learns from a random sample, thinks teachable; left"
                + " out: attempt all.")
        @Nullable
        ScreenKeys screen,

        @Key("Have a served model make the attempts, the base model as another server runs it; left out: hone's own"
                + " generator makes them.")
        @Nullable
        ServedKeys served,

        @Key(value = "Shortest prompt, in characters; left out: any.", min = 1) @Nullable
        Integer minPromptChars,

        @Key(value = "Shortest response, in characters; left out: any.", min = 1) @Nullable
        Integer minResponseChars,

        @Key(value = "Most characters of prompt and response together; left out: any number.", min = 1) @Nullable
        Integer maxChars,

        @Key("Unicode scripts, such as `latin` or `han`: candidates of which more than a tenth of the letters is in"
                + " others are dropped; left out: any.")
        List<String> scripts,

        @Key("Languages by their ISO 639 codes, such as `en`: candidates whose prompt or response is in another are"
                + " dropped; texts of few words besides formulas are kept; left out: any.")
        List<String> languages,

        @Key(
                value = "How likely those languages must be beside the likeliest other: their share of what both have"
                        + " of the probability.",
                fallback = "0.4",
                min = 0,
                max = 1)
        double minLanguageShare,

        @Key(
                value =
                        "Drop candidates whose text is damaged or whose response is unfinished, repetitive or a refusal.",
                fallback = "false")
        boolean qualityRules,

        @Key(
                value = "Prompts whose shingles overlap more than this are near duplicates; 1 drops exact ones only.",
                fallback = "1.0",
                min = 0,
                max = 1)
        double duplicateThreshold,

        @Key(
                value = "Drop candidates that share this many words in a row with a benchmark; 0 drops those that are"
                        + " the same but for case, spacing and the notation of formulas.",
                fallback = "0",
                min = 0)
        int contaminationNgram,

        @Key("Have a served model grade the reasoning of the pairs kept, beside the verifier's check of their answers;"
                + " left out: none does.")
        @Nullable
        JudgeKeys judge) {}
