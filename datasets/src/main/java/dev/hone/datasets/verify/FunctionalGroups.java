package dev.hone.datasets.verify;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Functional groups by name, as SMARTS patterns. */
final class FunctionalGroups {
    private static final Map<String, String> SMARTS = new TreeMap<>(Map.ofEntries(
            Map.entry("alcohol", "[OX2H][CX4;!$(C([OX2H])[O,S,#7,#15])]"),
            Map.entry("phenol", "[OX2H]c"),
            Map.entry("aldehyde", "[$([CX3H1](=O)[#6]),$([CX3H2]=O)]"),
            Map.entry("ketone", "[#6][CX3](=O)[#6]"),
            Map.entry("carboxylic acid", "[CX3](=O)[OX2H1]"),
            Map.entry("ester", "[$([CX3]([#6])=O),$([CX3H1]=O)][OX2H0][#6;!$(C=O)]"),
            Map.entry("lactone", "[#6;R][CX3;R](=O)[OX2H0;R][#6;R]"),
            Map.entry("ether", "[OD2]([#6;!$(C=O)])[#6;!$(C=O)]"),
            Map.entry("epoxide", "C1OC1"),
            Map.entry("amine", "[NX3;!$(N-C=[O,S,N]);!$(N-[!#6;!#1]);!$(N=*);!$(N#*)][#6]"),
            Map.entry("primary amine", "[NX3;H2;!$(N-C=[O,S,N]);!$(N-[!#6;!#1])][#6]"),
            Map.entry("secondary amine", "[NX3;H1;!$(N-C=[O,S,N]);!$(N-[!#6;!#1])]([#6])[#6]"),
            Map.entry("tertiary amine", "[NX3;H0;!$(N-C=[O,S,N]);!$(N-[!#6;!#1])]([#6])([#6])[#6]"),
            Map.entry("amide", "[NX3][CX3](=[OX1])[#6,H]"),
            Map.entry("lactam", "[NX3;R][CX3;R](=[OX1])[#6;R]"),
            Map.entry("imine", "[CX3;!$(C=O)]=[NX2][#6,H]"),
            Map.entry("nitrile", "[CX2]#[NX1]"),
            Map.entry("nitro", "[$([NX3](=O)=O),$([NX3+](=O)[O-])][!#8]"),
            Map.entry("azide", "[$([NX1]=[NX2]=[NX2]),$([NX1-]-[NX2+]#[NX1]),$([NX2]=[NX2+]=[NX1-])]"),
            Map.entry("urea", "[NX3][CX3](=[OX1])[NX3]"),
            Map.entry("carbamate", "[NX3][CX3](=[OX1])[OX2H0]"),
            Map.entry("anhydride", "[CX3](=[OX1])[OX2][CX3](=[OX1])"),
            Map.entry("acyl halide", "[CX3](=[OX1])[F,Cl,Br,I]"),
            Map.entry("thiol", "[#16X2H]"),
            Map.entry("thioether", "[#16X2H0]([#6])[#6]"),
            Map.entry("disulfide", "[#16X2H0][#16X2H0]"),
            Map.entry("sulfoxide", "[$([#16X3]=[OX1]),$([#16X3+][OX1-])]([#6])[#6]"),
            Map.entry("sulfone", "[#16X4](=[OX1])(=[OX1])([#6])[#6]"),
            Map.entry("sulfonamide", "[#16X4](=[OX1])(=[OX1])([#6])[NX3]"),
            Map.entry("sulfonic acid", "[#16X4](=[OX1])(=[OX1])([#6])[OX2H]"),
            Map.entry("phosphate", "[PX4](=[OX1])([OX2])([OX2])[OX2]"),
            Map.entry("alkene", "[CX3]=[CX3]"),
            Map.entry("alkyne", "[CX2]#[CX2]"),
            Map.entry("arene", "c1ccccc1"),
            Map.entry("alkyl halide", "[CX4][F,Cl,Br,I]"),
            Map.entry("aryl halide", "c[F,Cl,Br,I]"),
            Map.entry("halide", "[#6][F,Cl,Br,I]"),
            Map.entry("boronic acid", "[BX3]([OX2H])[OX2H]")));

    private FunctionalGroups() {}

    static String smarts(String name) throws BadKey {
        String smarts = SMARTS.get(name.toLowerCase(Locale.ROOT).replace('_', ' '));
        if (smarts == null) {
            throw new BadKey("unknown functional group \"" + name + "\", did you mean \""
                    + Nearest.of(name, SMARTS.keySet()) + "\"? Or give it as \"smarts\"");
        }
        return smarts;
    }
}
