package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.StopTokens;
import dev.hone.trainer.recipe.ModelKeys;
import dev.hone.trainer.recipe.RecipeReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which chat template a model reads pairs by, and which pairs.
 *
 * @param template a template instead of the model's own; null for that
 * @param apply {@code auto}, {@code messages} or {@code never}, as {@link ModelKeys#applyChatTemplate}
 * @param date the day that templates write as today's; null for today
 */
public record ChatUse(
        @Nullable Path template, String apply, @Nullable LocalDate date) {

    /** The model's own template, where it has one. */
    public static final ChatUse AUTO = new ChatUse(null, "auto", null);

    /** @throws UserError where the recipe's date is none */
    public static ChatUse of(ModelKeys model) {
        String date = model.chatTemplateDate();
        try {
            return new ChatUse(
                    model.chatTemplatePath(), model.applyChatTemplate(), date == null ? null : LocalDate.parse(date));
        } catch (DateTimeParseException e) {
            throw new UserError(
                    "model.chat_template_date is \"" + date + "\" but must be a day such as 2026-03-07; correct it", e);
        }
    }

    /** How a run's model was taught to read pairs; {@link #AUTO} where {@code folder} is not of a run's checkpoint. */
    public static ChatUse asTrained(Path folder) {
        Path run = folder.toAbsolutePath().normalize().resolve("../../..").normalize();
        RunDirectory directory = new RunDirectory(run);
        boolean ofRun = Files.isRegularFile(directory.recipe())
                && folder.toAbsolutePath().startsWith(directory.checkpoints());
        if (!ofRun) {
            return AUTO;
        }
        // The template itself lies with the model.
        ChatUse trained = of(RecipeReader.read(directory.recipe()).model());
        return new ChatUse(null, trained.apply(), trained.date());
    }

    /** Whether a model, wherever {@link ModelFolder} finds it, reads a prompt as a user's turn. */
    public boolean writesTurns(Path model) {
        return apply.equals("auto") && hasTemplate(TextFiles.folder(ModelFolder.of(model)));
    }

    /** Whether a model in {@code folder} has a template to read by. */
    boolean hasTemplate(@Nullable Path folder) {
        return !apply.equals("never") && (template != null || (folder != null && ChatTemplate.isIn(folder)));
    }

    /**
     * How a model reads pairs.
     *
     * @param folder of the model; null for one from scratch
     * @param beside the folder that its tokenizer.json lies in
     */
    PairFormat format(@Nullable Path folder, Path beside, Tokenizer tokenizer) {
        Set<Integer> stops = folder == null ? Set.of(tokenizer.endOfText()) : StopTokens.of(folder, tokenizer);
        if (!hasTemplate(folder)) {
            return PairFormat.plain(tokenizer, stops);
        }
        ChatTemplate read = template != null ? ChatTemplate.read(file(template), beside) : ChatTemplate.read(beside);
        if (date != null) {
            read = read.at(Clock.fixed(date.atStartOfDay().toInstant(ZoneOffset.UTC), ZoneOffset.UTC));
        }
        return PairFormat.chat(tokenizer, read, apply.equals("auto"), stops);
    }

    /** A model folder stands for the template in it. */
    private static Path file(Path template) {
        return Files.isDirectory(template) ? template.resolve(ChatTemplate.FILE) : template;
    }
}
