package dev.hone.datasets.pairs;

import java.util.Map;

/** A frozen dataset described for people, in Markdown with the head that the Hugging Face Hub reads. */
final class DataCard {
    /** Rows of a table; a dataset may have thousands of sources. */
    private static final int MOST_ROWS = 50;

    private DataCard() {}

    static String of(Manifest manifest, DatasetStatistics statistics) {
        StringBuilder card = new StringBuilder();
        card.append("---\nconfigs:\n  - config_name: default\n    data_files: ").append(FrozenDataset.PAIRS);
        card.append("\n---\n# ")
                .append(manifest.domain())
                .append(", ")
                .append(manifest.pairs())
                .append(" pairs\n\n");
        card.append("Frozen ")
                .append(manifest.created())
                .append(" by hone. SHA-256 of ")
                .append(FrozenDataset.PAIRS);
        card.append(": `").append(manifest.sha256()).append("`, also the folder's name. ");
        card.append("`manifest.json` says the same for programs.\n\n");
        card.append(
                        "Each line is a pair: `id`, `domain`, `prompt`, `answer` (the key), `response` (the worked solution), ")
                .append("`verifier` and `metadata`.\n\n");
        counts(card, "Verifiers", "verifier", statistics.verifiers());
        counts(card, "Sources", "source", statistics.sources());
        lengths(card, statistics);
        provenance(card, manifest.provenance());
        examples(card, statistics);
        return card.toString();
    }

    private static void counts(StringBuilder card, String title, String column, Map<String, ?> counts) {
        if (counts.isEmpty()) {
            return;
        }
        card.append("## ").append(title).append("\n\n| ").append(column).append(" | pairs |\n| --- | --- |\n");
        counts.entrySet().stream().limit(MOST_ROWS).forEach(entry -> row(card, entry.getKey(), entry.getValue()));
        if (counts.size() > MOST_ROWS) {
            row(card, "and " + (counts.size() - MOST_ROWS) + " more", "");
        }
        card.append('\n');
    }

    private static void lengths(StringBuilder card, DatasetStatistics statistics) {
        card.append(
                "## Lengths in characters\n\n| | pairs | median | 95 % | longest |\n| --- | --- | --- | --- | --- |\n");
        lengths(card, "prompt", statistics.prompts());
        lengths(card, "response", statistics.responses());
        card.append('\n');
    }

    private static void lengths(StringBuilder card, String name, DatasetStatistics.Lengths lengths) {
        card.append("| ").append(name).append(" | ").append(lengths.count());
        for (double quantile : new double[] {0.5, 0.95, 1}) {
            card.append(" | ").append(lengths.quantile(quantile));
        }
        card.append(" |\n");
    }

    private static void provenance(StringBuilder card, Map<String, Object> provenance) {
        if (provenance.get("dropped") instanceof Map<?, ?> dropped) {
            card.append("## Dropped\n\nOf ")
                    .append(provenance.get("candidates"))
                    .append(" candidates.\n\n");
            card.append("| reason | pairs |\n| --- | --- |\n");
            dropped.forEach((reason, count) -> row(card, reason.toString(), count));
            card.append('\n');
        }
        if (provenance.get("screen") instanceof Map<?, ?> screen) {
            card.append("## Screen\n\n").append(screen.get("summary")).append(".\n\n");
        }
        if (provenance.isEmpty()) {
            return;
        }
        card.append("## Provenance\n\n```json\n");
        card.append(FrozenDataset.JSON.writeValueAsString(provenance)).append("\n```\n\n");
    }

    private static void examples(StringBuilder card, DatasetStatistics statistics) {
        if (statistics.examples().isEmpty()) {
            return;
        }
        card.append("## The first pairs\n\n");
        for (Pair pair : statistics.examples()) {
            card.append("`````json\n").append(PairJson.write(pair)).append("\n`````\n\n");
        }
    }

    private static void row(StringBuilder card, String name, Object count) {
        String cell = name.replace("|", "\\|").replaceAll("\\s+", " ");
        card.append("| ").append(cell).append(" | ").append(count).append(" |\n");
    }
}
