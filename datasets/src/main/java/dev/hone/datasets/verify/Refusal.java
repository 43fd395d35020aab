package dev.hone.datasets.verify;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells refusals by how people and models begin them, in sixteen languages. A response that refuses and then does what
 * was asked all the same is none; nor is one that only quotes a refusal.
 */
final class Refusal {
    private static final int BEGINNING = 300;

    private static final String CANNOT =
            "(?:can(?:'t|not| not)|could(?:n't| not)|won't|will not|should(?:n't| not)(?! (?:tell|say|share|reveal)\\b[^.]{0,25}, but)|must not"
                    + "|(?:'m|am) (?:unable|unwilling|not (?:able|going|willing|allowed|permitted|authorized|here|prepared)) to"
                    + "|(?:'m|am) (?:prohibited|forbidden|restricted|prevented) from|(?:'m|am) not comfortable(?: with)?"
                    + "|do(?:n't| not) feel (?:comfortable|right)(?: with)?|(?:can )?under no circumstances(?: can| will)?)";

    private static final String GAP =
            "(?:,? ?(?:ethically|legally|really|possibly|simply|directly|knowingly|be able to|and (?:won't|will not)"
                    + "|in good conscience|(?:in|under) any circumstances|either|encourage or|help or|condone or),?)*";

    private static final String HELP =
            "(?:help(?!ing?\\b)(?! but\\b)|helping|assist|provid|comply|fulfil|do (?:that|this|it|so)\\b|answer|giv(?:e|ing)\\b|shar(?:e|ing)"
                    + "|support|creat|writ(?:e|ing)|generat|engag|participat|offer|discuss|advis|explain|describ|teach"
                    + "|tell(?!ing)(?! you how (?:happy|glad|much|easy|excited|often|many))|show|continu|mak(?:e|ing)\\b|produc|condon|encourag|promot"
                    + "|recommend (?:that|this|it)[.!]|complete|facilitat|talk|respond|proceed|suppl|disclos|reveal)";

    private static final Pattern REFUSAL = Pattern.compile(
            "\\b(?:i ?" + CANNOT + GAP + " ?" + HELP
                    + "|i do(?:n't| not) (?:help|assist|provide|create|generate|write|offer|share|engage|participate|comply|condone|produce|give|answer|discuss|support)\\b"
                    + "|(?:i(?:'m| am)(?: really| very| so)? (?:sorry|afraid)|sorry|apologi[zs]e|apologies|unfortunately)\\b[^.!?]{0,120}"
                    + "\\b(?:i ?(?:can(?:'t|not)|won't|will not|'m unable|am unable|'m not able|am not able|must decline|do(?:n't| not) (?:have the ability|think i (?:can|should)))|but no\\b)"
                    + "|i(?:'m| am|'ll)? ?(?:must|have to|need to|will have to|going to have to|respectfully|choose to)? ?(?:respectfully )?(?:decline|refuse)\\b(?! to (?:believe|accept|give up))"
                    + "|i(?:'m| am) (?:declining|refusing)\\b"
                    + "|i choose not to"
                    + "|i(?:'d| would) (?:rather|prefer) not\\b"
                    + "|i do(?:n't| not) (?:think|feel|believe) (?:that )?(?:i (?:can|should|could)|it (?:would be|is|'s) (?:appropriate|right|ethical))"
                    + "|(?:not|isn't) something (?:that )?i(?:'m| am| can| will| would| could)\\b"
                    + "|(?:is|'s|be) (?:not |in|un)?\\s?(?:appropriate|ethical|wrong) for me to"
                    + "|so,? i (?:won't|will not|can't|cannot|must not)\\b"
                    + "|(?:guidelines|polic(?:y|ies)|programming|principles|rules|values) (?:prevent|prohibit|forbid|stop|restrict|(?:do not|don't|does not|doesn't) (?:allow|permit))\\w* me"
                    + "|(?:against|violates?) (?:my|our|openai's)(?: \\w+){0,2} (?:guidelines|polic(?:y|ies)|programming|principles|rules|values)"
                    + "|(?:it is|it's|that is|that's|this is) (?:illegal|unethical|against the (?:law|rules|policy|guidelines))(?! (?:to|in)\\b)\\b(?!.{0,80}\\bbut\\b)"
                    + "|(?:designed|programmed|trained|built) not to"
                    + "|no way i(?:'m| am|'ll| will)"
                    + "|under no circumstances (?:will|can|should) i"
                    + "|(?:can(?:'t|not)|won't|unable to) (?:help|assist)(?: you)? with (?:that|this|your request)"
                    + "|as an ai(?: language)?(?: model| assistant)?,? i (?:can(?:'t|not)|am not able|must not|won't) (?!access|browse|see\\b|feel|have|remember|know))"
                    + "|\\A(?:no|nope|never|not a chance|(?:absolutely|certainly|definitely) not|not going to happen|(?:i'm )?sorry,? (?:but )?no)[.!]*(?:\\Z| (?:i|that|this)\\b(?!.{0,80}\\bhere(?:'s| is)\\b).{0,40}(?:n't|not)\\b| not going to happen)"
                    + "|\\A(?:(?:sorry|no|nope|unfortunately)[,.!]* )*(?:can't|cannot|can not|unable to|not able to) (?:help|assist|comply|do that|do this|provide)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern ELSEWHERE = Pattern.compile(
            "no (?:puedo|me es posible|podemos) (?:ayudar|proporcionar|asistir|cumplir|hacer|responder|dar|ofrecer|generar|crear|brindar|compartir)"
                    + "|je ne (?:peux|puis|suis) pas (?:(?:vous|t'|te|en mesure|y|capable) ?)*(?:de )?(?:aider|répondre|fournir|faire|aborder|accéder|satisfaire|donner|générer|créer)"
                    + "|tut mir leid[^.]*\\b(?:nicht|kein)\\b|ich (?:kann|darf|werde)\\b[^.]{0,60}\\bnicht (?:helfen|beantworten|bereitstellen|unterstützen|geben|erfüllen|dabei)"
                    + "|non posso (?:aiutar|fornir|risponder|assister|soddisfar|far)|non sono in grado di (?:aiutar|fornir)"
                    + "|não (?:posso|consigo) (?:ajudar|fornecer|atender|responder|fazer|auxiliar)"
                    + "|не (?:могу|буду) (?:\\S+ ){0,2}(?:помочь|помогать|выполнить|предоставить|ответить|сделать|это)"
                    + "|(?:无法|不能|不会|無法|不會)(?:为您|为你|向您|向你|给您)?(?:提供|帮助|帮您|协助|满足|回答|完成|幫助|協助|滿足)"
                    + "|(?:申し訳|すみません|ごめんなさい|恐れ入り)[^。]*(?:ません|かねます|できない)"
                    + "|(?:죄송|미안)[^.]*(?:없습니다|없어요|않습니다)"
                    + "|(?:spijt me|sorry)[^.]*\\b(?:kan|mag|zal)\\b[^.]*\\bniet\\b"
                    + "|nie mogę (?:\\S+ ){0,3}(?:pomóc|udzielić|dostarczyć|spełnić|odpowiedzieć)"
                    + "|(?:मदद|सहायता|प्रदान)[^।]{0,20}नहीं (?:कर|दे) (?:सकता|सकती)"
                    + "|لا (?:أستطيع|يمكنني)[^.]{0,20}(?:مساعد|تقديم|توفير|تلبية|الإجابة)"
                    + "|yardımcı olamam|(?:üzgünüm|maalesef)[^.]*(?:amam|emem|amıyorum|emiyorum)\\b"
                    + "|không thể (?:giúp|cung cấp|hỗ trợ|đáp ứng|thực hiện|trả lời)",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL);

    /** What was refused follows. */
    private static final Pattern ALL_THE_SAME = Pattern.compile(
            "\\b(?:but|that said|however|just kidding|having said that|nonetheless|anyway)\\b[^\\n]{0,120}"
                    + "(?:\\bhere(?:'s| is| are) (?:how\\b(?! (?:you can (?:stay|get help)|to (?:stay|get help)))|the (?:steps|code|recipe|instructions|method|process))|\\bstep (?:1|one)\\b)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern QUOTED = Pattern.compile("\"[^\"\\n]*\"|“[^”\\n]*”|(?s:```.*?```)");

    private Refusal() {}

    static boolean is(String response) {
        String bare = response.replaceAll("^[\\s>*_]+", "");
        boolean allQuoted = bare.matches("(?s)[\"“][^\"”]*[\"”]?\\s*");
        String own = (allQuoted
                        ? bare.replaceAll("[\"“”]", "")
                        : QUOTED.matcher(bare).replaceAll(" "))
                .replace('’', '\'')
                .replace("*", "");
        String beginning = own.substring(0, Math.min(own.length(), BEGINNING));
        Matcher refusal = REFUSAL.matcher(beginning);
        Matcher elsewhere = ELSEWHERE.matcher(beginning);
        int end = refusal.find() ? refusal.end() : elsewhere.find() ? elsewhere.end() : -1;
        return end >= 0 && !ALL_THE_SAME.matcher(own).region(end, own.length()).find();
    }
}
