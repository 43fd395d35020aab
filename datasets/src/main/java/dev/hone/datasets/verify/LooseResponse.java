package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.List;

/**
 * The forms of a response in which IFEval's loose figures look for an instruction to be followed (Zhou et al. 2023,
 * arXiv 2311.07911, section 2.2): without the asterisks of Markdown, without its first line, which may introduce it,
 * without its last, which may close it, without either, and each of these without asterisks.
 */
final class LooseResponse {
    private LooseResponse() {}

    /** Those that are not empty; the response as it is, is not among them. */
    static List<String> forms(String response) {
        List<String> lines = List.of(response.split("\n", -1));
        int last = lines.size() - 1;
        List<String> forms = new ArrayList<>(List.of(
                response,
                join(lines.subList(1, lines.size())),
                join(lines.subList(0, last)),
                join(lines.subList(Math.min(1, last), last))));
        forms.addAll(forms.stream().map(form -> form.replace("*", "")).toList());
        forms.remove(0);
        forms.removeIf(form -> Prose.strip(form).isEmpty());
        return forms;
    }

    private static String join(List<String> lines) {
        return Prose.strip(String.join("\n", lines));
    }
}
