package dev.hone.datasets.verify;

import static dev.hone.datasets.verify.Verifying.verify;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChemistryVerifierTest {
    private static final String ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O";

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            CCO; OCC
            CCO; C(O)C
            c1ccccc1; C1=CC=CC=C1
            CC(=O)Oc1ccccc1C(=O)O; OC(=O)C1=CC=CC=C1OC(C)=O
            N[C@@H](C)C(=O)O; C[C@H](N)C(O)=O
            F/C=C/F; F\\C=C\\F
            [Na+].[Cl-]; [Cl-].[Na+]
            C[N+](=O)[O-]; [O-][N+](C)=O
            """)
    void knowsAMoleculeHoweverItIsWritten(String key, String answer) {
        assertThat(verify("chemistry", key, Map.of(), "The answer is " + answer).explanation())
                .isEqualTo("as the key says");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            CCO; CCC
            CCO; COC
            N[C@@H](C)C(=O)O; N[C@H](C)C(=O)O
            F/C=C/F; F/C=C\\F
            CCO; [13CH3]CO
            CC(=O)O; CC(=O)[O-]
            """)
    void tellsMoleculesApart(String key, String answer) {
        assertThat(verify("chemistry", key, Map.of(), "Answer: " + answer).explanation())
                .isEqualTo("it is another molecule than " + key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"C1CC", "C(C)(C)(C)(C)C", "CC(", "xyz", "c1cccc1", "[C", "O(C)(C)C", "ethanol", "CN(C)(C)(C)C"})
    void refusesWhatIsNoMolecule(String answer) {
        assertThat(verify("chemistry", "CCO", Map.of(), "Answer: " + answer).explanation())
                .isEqualTo("it is no valid SMILES");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Answer: `CCO`",
                "<answer>CCO</answer>",
                "Answer: **CCO**",
                "The SMILES is \\boxed{\\text{CCO}}",
                "Answer: CCO."
            })
    void findsTheMoleculeInItsDress(String completion) {
        assertThat(verify("chemistry", "CCO", Map.of(), completion).extracted()).isEqualTo("CCO");
    }

    @Test
    void holdsFormulaGroupsAndPatterns() {
        assertThat(meets(Map.of("formula", "C9H8O4"), ASPIRIN)).isEqualTo("as the key says");
        assertThat(meets(Map.of("formula", "C9H8O4"), "CCO")).isEqualTo("its formula is C2H6O, not C9H8O4");
        assertThat(meets(Map.of("formula", "C2H6O"), "COC")).isEqualTo("as the key says");
        assertThat(meets(Map.of("functional_groups", List.of("ester", "carboxylic_acid", "arene")), ASPIRIN))
                .isEqualTo("as the key says");
        assertThat(meets(Map.of("functional_groups", List.of("amine")), ASPIRIN))
                .isEqualTo("it has no amine");
        assertThat(meets(Map.of("smarts", List.of("c1ccccc1"), "not_smarts", List.of("[#7]")), ASPIRIN))
                .isEqualTo("as the key says");
        assertThat(meets(Map.of("not_smarts", List.of("C=O")), ASPIRIN)).isEqualTo("it matches C=O");
    }

    private static String meets(Map<String, Object> conditions, String smiles) {
        return verify("chemistry", "-", conditions, "Answer: " + smiles).explanation();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            alcohol; CCO; CC(=O)O
            phenol; Oc1ccccc1; OCc1ccccc1
            aldehyde; CC=O; CC(C)=O
            ketone; CC(C)=O; CC=O
            ether; CCOCC; CC(=O)OC
            primary amine; CCN; CCNC
            tertiary amine; CN(C)C; CC(=O)N(C)C
            amide; CC(=O)NC; CCNC
            nitrile; CC#N; CC=N
            nitro; C[N+](=O)[O-]; CN=O
            thiol; CCS; CSC
            sulfonamide; CS(=O)(=O)N; CS(=O)(=O)C
            alkyne; CC#C; CC=C
            boronic acid; OB(O)c1ccccc1; OBc1ccccc1
            """)
    void knowsFunctionalGroups(String group, String with, String without) {
        assertThat(meets(Map.of("functional_groups", List.of(group)), with)).isEqualTo("as the key says");
        assertThat(meets(Map.of("functional_groups", List.of(group)), without)).isEqualTo("it has no " + group);
    }

    /** Published values: PubChem CID 2244. */
    @Test
    void holdsBoundsOnProperties() {
        Map<String, Object> aspirin = Map.of(
                "molecular_weight", List.of(180.1, 180.2),
                "tpsa", List.of(63.5, 63.7),
                "h_bond_donors", List.of(1, 1),
                "rings", List.of(1, 1),
                "heavy_atoms", List.of(13, 13),
                "logp", List.of(0.5, 2.0),
                "charge", List.of(0, 0));
        assertThat(meets(Map.of("properties", aspirin), ASPIRIN)).isEqualTo("as the key says");
        assertThat(meets(Map.of("properties", Map.of("molecular_weight", List.of(0, 100))), ASPIRIN))
                .startsWith("its molecular_weight is 180.1");
    }

    @Test
    void comparesLikeness() {
        Map<String, Object> like = Map.of("similar_to", ASPIRIN, "similarity", 0.5);
        assertThat(meets(like, ASPIRIN)).isEqualTo("as the key says");
        assertThat(meets(like, "CCCCCC")).startsWith("its similarity to");
    }

    @Test
    void aKeyThatCannotBeReadIsAnErrorOfItsOwn() {
        assertThat(verify("chemistry", "no molecule", Map.of(), "Answer: CCO").error())
                .startsWith("key: the answer");
        assertThat(meets(Map.of("functional_groups", List.of("alcohl")), "CCO")).contains("did you mean \"alcohol\"");
        assertThat(meets(Map.of("smarts", List.of("(")), "CCO")).startsWith("key: ");
        assertThat(meets(Map.of("properties", Map.of("mass", List.of(1, 2))), "CCO"))
                .startsWith("key: unknown property");
        assertThat(meets(Map.of("properties", Map.of("logp", 3)), "CCO")).startsWith("key: ");
        assertThat(verify("chemistry", "CCO", Map.of(), "I do not know").explanation())
                .isEqualTo("no answer found");
    }
}
