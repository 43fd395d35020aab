package dev.hone.datasets.sources;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which fields of a row are which. A name with dots reaches into nested objects.
 *
 * @param prompt the field of what is asked
 * @param answer the field of the answer key
 * @param response the field of the worked response; null where there is none
 */
public record FieldMapping(
        String prompt, String answer, @Nullable String response) {

    /**
     * @param answerAfter the key is what follows the last of these in its field, such as {@code ####}; null takes it
     *     whole
     * @param template the text the model sees; <code>{prompt}</code> stands for the prompt's field
     */
    public RowForm form(@Nullable String answerAfter, String template, String domain, String verifier) {
        return new MappedForm(this::exchange, answerAfter, template, domain, verifier);
    }

    private Exchange exchange(JsonNode row) {
        return new Exchange(
                Fields.text(row, prompt),
                response == null ? null : Fields.text(row, response),
                Fields.text(row, answer));
    }
}
