package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The response must follow every instruction that the metadata names, as in IFEval (Zhou et al. 2023, Instruction-Following
 * Evaluation for Large Language Models): {@code instruction_id_list} and, at the same places, {@code kwargs}.
 */
final class InstructionVerifier implements Verifier {

    /** An instruction by its name, with its arguments. */
    private record Given(String name, Metadata arguments) {

        boolean isFollowed(String response) throws BadKey {
            return Instruction.named(name).isFollowed(response, arguments);
        }

        FollowedInstruction followed(String response) {
            try {
                boolean strict = !response.isEmpty() && isFollowed(response);
                boolean loose = strict;
                for (String form : strict ? List.<String>of() : LooseResponse.forms(response)) {
                    loose |= isFollowed(form);
                }
                return new FollowedInstruction(name, strict, loose);
            } catch (BadKey e) {
                return new FollowedInstruction(name, false, false);
            }
        }
    }

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
        String response = response(completion);
        if (response.isEmpty()) {
            return Verdict.noAnswer();
        }
        try {
            List<String> broken = new ArrayList<>();
            for (Given instruction : given(pair)) {
                if (!instruction.isFollowed(response)) {
                    broken.add(instruction.name());
                }
            }
            return broken.isEmpty()
                    ? Verdict.right(response)
                    : Verdict.wrong(response, "does not follow " + String.join(", ", broken));
        } catch (BadKey e) {
            return Verdict.failed(response, e.explanation());
        }
    }

    @Override
    public List<FollowedInstruction> followed(Pair pair, String completion) {
        String response = response(completion);
        try {
            return given(pair).stream()
                    .map(instruction -> instruction.followed(response))
                    .toList();
        } catch (BadKey e) {
            return List.of();
        }
    }

    /** Empty where there is only white space; else as it is, for white space at the beginning counts. */
    private static String response(String completion) {
        String said = FinalAnswer.withoutThought(completion);
        String stripped = Prose.strip(said);
        boolean hasThought = said.length() != completion.length();
        return hasThought || stripped.isEmpty() ? stripped : said;
    }

    private static List<Given> given(Pair pair) throws BadKey {
        Metadata metadata = Metadata.of(pair);
        List<String> names = metadata.texts("instruction_id_list");
        if (names.isEmpty()) {
            throw metadata.missing("instruction_id_list", "instructions such as [\"punctuation:no_comma\"]");
        }
        List<Metadata> arguments = metadata.objects("kwargs");
        List<Given> given = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            given.add(new Given(
                    names.get(i), i < arguments.size() ? arguments.get(i) : new Metadata(Map.of(), "kwargs")));
        }
        return given;
    }
}
