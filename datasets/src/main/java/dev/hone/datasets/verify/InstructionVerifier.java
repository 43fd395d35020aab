package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The response must follow every instruction that the metadata names, as in IFEval (Zhou et al. 2023, Instruction-Following
 * Evaluation for Large Language Models): {@code instruction_id_list} and, at the same places, {@code kwargs}.
 */
final class InstructionVerifier implements Verifier {
    @Override
    public String name() {
        return "instructions";
    }

    @Override
    public boolean comparesAnswers() {
        return false;
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        String said = FinalAnswer.withoutThought(completion);
        // White space at the beginning counts, but for that after a thought.
        String response = said.length() == completion.length() ? said : said.strip();
        if (response.isBlank()) {
            return Verdict.noAnswer();
        }
        try {
            Metadata metadata = Metadata.of(pair);
            List<String> instructions = metadata.texts("instruction_id_list");
            if (instructions.isEmpty()) {
                throw metadata.missing("instruction_id_list", "instructions such as [\"punctuation:no_comma\"]");
            }
            List<Metadata> arguments = metadata.objects("kwargs");
            List<String> broken = new ArrayList<>();
            for (int i = 0; i < instructions.size(); i++) {
                Metadata own = i < arguments.size() ? arguments.get(i) : new Metadata(java.util.Map.of(), "kwargs");
                if (!Instruction.named(instructions.get(i)).isFollowed(response, own)) {
                    broken.add(instructions.get(i));
                }
            }
            return broken.isEmpty()
                    ? Verdict.right(response)
                    : Verdict.wrong(response, "does not follow " + String.join(", ", broken));
        } catch (BadKey e) {
            return Verdict.failed(response, e.explanation());
        }
    }
}
