package plaudit.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes plain prose of a book as public-domain libraries publish it: the library's words before and
 * after go, so do headings, rules and tables of contents; lines broken at a fixed width become
 * paragraphs again; marks of emphasis vanish and quotation marks, dashes and dots take their plain
 * form, so that a small vocabulary is not spent on spellings of the same thing.
 */
final class BookText {

  private static final Pattern START =
      Pattern.compile("(?i)^\\*\\*\\* ?start of (the|this) project gutenberg.*$");
  private static final Pattern END =
      Pattern.compile(
          "(?i)^(\\*\\*\\* ?end of (the|this) project gutenberg|end of (the )?project gutenberg).*$");
  private static final Pattern RULE = Pattern.compile("^[-=_*#~. \\t]{3,}$");
  private static final Pattern HEADING =
      Pattern.compile(
          "(?i)^(chapter|book|part|volume|canto|act|scene|stave|letter)\\.? "
              + "([ivxlcdm]+|\\d+|one|two|three|four|five|six|seven|eight|nine|ten"
              + "|(the )?(first|second|third|fourth|fifth|sixth|last))\\b.{0,60}$");
  private static final Pattern QUOTED = Pattern.compile("^(> ?)+");
  private static final Pattern THE_END = Pattern.compile("(?i)^the end[.!]?$");
  private static final Pattern NUMERAL = Pattern.compile("^([IVXLCDM]+|\\d{1,3})\\.?$");
  private static final Pattern LISTING =
      Pattern.compile("(?i)^((chapter|book|part|letter) )?([ivxlcdm]+|\\d{1,3})[.:) \\t].{0,90}$");
  private static final Pattern CONTENTS =
      Pattern.compile("(?i)^(table of )?contents( of .*)?[.:]?$");
  private static final Pattern STRONG =
      Pattern.compile("\\*{1,3}(?=\\S)([^*\\n]+)(?<=\\S)\\*{1,3}");
  private static final Pattern UNDERLINED =
      Pattern.compile("(?<![\\p{L}\\p{N}_])_{1,2}(?=\\S)([^_]+)(?<=\\S)_{1,2}(?![\\p{L}\\p{N}_])");
  private static final Pattern MARKS = Pattern.compile("[#*_]");
  private static final Pattern PICTURE =
      Pattern.compile("!?\\[illustration[^]]*]|!\\[[^]]*]\\([^)]*\\)", Pattern.CASE_INSENSITIVE);
  private static final Pattern SPACES = Pattern.compile("[ \\t\\u00a0]+");

  /** A longer line is a sentence. In characters. */
  private static final int LONGEST_HEADING = 100;

  /** A block of lines that are mostly longer than this was prose, broken by a printer's width. */
  private static final int PROSE_WIDTH = 45;

  private BookText() {}

  /** The prose of {@code book}, a paragraph a line; verse keeps its lines. */
  static String clean(String book) {
    List<String> paragraphs = new ArrayList<>();
    List<String> block = new ArrayList<>();
    boolean listing = false;
    for (String line : body(book.lines().toList())) {
      String stripped = QUOTED.matcher(line.strip()).replaceFirst("");
      if (!stripped.isEmpty()) {
        block.add(stripped);
        continue;
      }
      listing = isListing(block, listing);
      if (!listing) {
        addParagraph(block, paragraphs);
      }
      block.clear();
    }
    if (!isListing(block, listing)) {
      addParagraph(block, paragraphs);
    }
    return paragraphs.isEmpty() ? "" : String.join("\n", paragraphs) + "\n";
  }

  /** What lies between the library's notices. */
  private static List<String> body(List<String> lines) {
    int from = 0;
    int to = lines.size();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.length() > LONGEST_HEADING || !(line.startsWith("*") || line.startsWith("E"))) {
        continue;
      }
      if (START.matcher(line).matches()) {
        from = i + 1;
      } else if (END.matcher(line).matches()) {
        to = i;
        break;
      }
    }
    return lines.subList(from, Math.max(from, to));
  }

  /** Whether a block is a table of contents, or goes on with one. */
  private static boolean isListing(List<String> block, boolean before) {
    if (block.isEmpty()) {
      return before;
    }
    if (block.get(0).length() > LONGEST_HEADING) {
      return false;
    }
    if (CONTENTS.matcher(plainHeading(block.get(0))).matches()) {
      return true;
    }
    long listed = block.stream().filter(line -> LISTING.matcher(line).matches()).count();
    boolean many = block.size() >= 3 && listed * 10 >= block.size() * 8L;
    return many || (before && listed == block.size() && block.size() > 1);
  }

  private static void addParagraph(List<String> block, List<String> paragraphs) {
    List<String> kept = new ArrayList<>();
    for (String line : block) {
      if (!isMark(line) && !(block.size() <= 2 && isHeading(line))) {
        String plain = plain(line);
        if (!plain.isEmpty()) {
          kept.add(plain);
        }
      }
    }
    if (!kept.isEmpty()) {
      paragraphs.add(unmarked(String.join(isProse(kept) ? " " : "\n", kept)));
    }
  }

  /** A line of marks rather than words, wherever it stands. */
  private static boolean isMark(String line) {
    return line.startsWith("#") || RULE.matcher(line).matches();
  }

  /** A line that names a part of the book, if it stands alone or with its title. */
  private static boolean isHeading(String line) {
    if (line.length() > LONGEST_HEADING) {
      return false;
    }
    String plain = plainHeading(line);
    return HEADING.matcher(plain).matches()
        || NUMERAL.matcher(plain).matches()
        || THE_END.matcher(plain).matches();
  }

  private static boolean isProse(List<String> lines) {
    long wide =
        lines.subList(0, lines.size() - 1).stream()
            .filter(line -> line.length() >= PROSE_WIDTH)
            .count();
    return wide * 2 >= lines.size() - 1;
  }

  private static String plainHeading(String line) {
    return MARKS.matcher(line).replaceAll("").strip();
  }

  private static String plain(String line) {
    String text =
        (line.indexOf('[') < 0 ? line : PICTURE.matcher(line).replaceAll(""))
            .replace('\u2018', '\'')
            .replace('\u2019', '\'')
            .replace('\u201c', '"')
            .replace('\u201d', '"')
            .replace("\u2014", "--")
            .replace("\u2013", "-")
            .replace("\u2026", "...");
    return (text.contains("  ") || text.indexOf('\t') >= 0 || text.indexOf('\u00a0') >= 0)
        ? SPACES.matcher(text).replaceAll(" ").strip()
        : text;
  }

  /** Emphasis may run over the end of a line, so it goes once lines are joined. */
  private static String unmarked(String paragraph) {
    String text = paragraph;
    if (text.indexOf('*') >= 0) {
      text = STRONG.matcher(text).replaceAll("$1");
    }
    if (text.indexOf('_') >= 0) {
      text = UNDERLINED.matcher(text).replaceAll("$1");
    }
    return text;
  }
}
