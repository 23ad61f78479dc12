//! Where a product of the data set belongs: the file has no categories, but its names have words.

/// A category from the root down, and the words that put a product there.
struct Department {
    path: &'static [&'static str],
    words: &'static [&'static str],
}

const fn department(path: &'static [&'static str], words: &'static [&'static str]) -> Department {
    Department { path, words }
}

/// The first department with one of its words in the name wins, so the narrow ones stand first.
const DEPARTMENTS: [Department; 24] = [
    department(
        &["Seasonal", "Christmas"],
        &["CHRISTMAS", "XMAS", "BAUBLE", "ADVENT", "SNOWFLAKE", "REINDEER", "SANTA"],
    ),
    department(&["Seasonal", "Easter"], &["EASTER", "EGG", "EGGS", "BUNNY", "CHICK"]),
    department(&["Jewellery", "Earrings"], &["EARRINGS", "EARRING"]),
    department(
        &["Jewellery", "Necklaces and bracelets"],
        &["NECKLACE", "BRACELET", "BRACELETS", "BANGLE", "PENDANT", "BROOCH"],
    ),
    department(
        &["Jewellery", "Rings, hair and charms"],
        &["RING", "HAIR", "CHARM", "CHARMS", "DIAMANTE", "BLING", "KEY-RING", "KEYRING"],
    ),
    department(&["Bags", "Lunch bags"], &["LUNCH"]),
    department(
        &["Bags", "Shoppers and handbags"],
        &["BAG", "BAGS", "SHOPPER", "HANDBAG", "PURSE", "WALLET", "LUGGAGE", "TRAVEL", "SUITCASE"],
    ),
    department(
        &["Party", "Cards and gift wrap"],
        &["CARD", "CARDS", "WRAP", "RIBBON", "RIBBONS", "GIFT", "TISSUE", "TISSUES"],
    ),
    department(
        &["Party", "Bunting and decorations"],
        &[
            "BUNTING",
            "GARLAND",
            "PARTY",
            "BALLOON",
            "BALLOONS",
            "BIRTHDAY",
            "HONEYCOMB",
            "NAPKINS",
            "NAPKIN",
            "DOILY",
            "DOILIES",
        ],
    ),
    department(
        &["Home", "Lighting and candles"],
        &[
            "CANDLE",
            "CANDLES",
            "T-LIGHT",
            "T-LIGHTS",
            "LANTERN",
            "LIGHTS",
            "LAMP",
            "CHANDELIER",
            "CANDLESTICK",
            "LIGHT",
            "INCENSE",
        ],
    ),
    department(&["Home", "Clocks and mirrors"], &["CLOCK", "MIRROR", "MIRRORS", "CLOCKS"]),
    department(
        &["Home", "Frames and wall art"],
        &["FRAME", "ART", "SIGN", "WALL", "PHOTO", "PICTURE", "PRINT"],
    ),
    department(
        &["Home", "Cushions and textiles"],
        &["CUSHION", "THROW", "QUILT", "RUG", "DOORMAT", "CURTAIN", "TOWEL", "FABRIC", "HOTTIE"],
    ),
    department(
        &["Home", "Hooks and storage"],
        &[
            "HOOK", "HOOKS", "HANGER", "DRAWER", "CABINET", "STORAGE", "BASKET", "BOX", "BOXES", "TIN",
            "TINS", "RACK", "KNOB", "TIDY", "JAR", "BIN", "DOORSTOP",
        ],
    ),
    department(
        &["Kitchen", "Baking"],
        &["CAKE", "CAKES", "BAKING", "CUTTERS", "CUTTER", "JELLY", "MOULD", "CAKESTAND", "SCALES", "SPATULA"],
    ),
    department(
        &["Kitchen", "Tea and coffee"],
        &["MUG", "MUGS", "TEA", "COFFEE", "CUP", "CUPS", "TEAPOT", "TEACUP", "SAUCER"],
    ),
    department(
        &["Kitchen", "Tableware"],
        &[
            "BOWL",
            "BOWLS",
            "PLATE",
            "PLATES",
            "CUTLERY",
            "TRAY",
            "DISH",
            "COASTERS",
            "COASTER",
            "PLACEMATS",
            "GLASS",
            "JUG",
            "TUMBLER",
            "BEAKER",
            "MILK",
        ],
    ),
    department(
        &["Kitchen", "Cooking and pantry"],
        &[
            "KITCHEN", "PANTRY", "APRON", "PAN", "JAM", "RECIPE", "COOK", "SPICE", "BREAD", "FOOD", "OVEN",
            "POPCORN", "SNACK",
        ],
    ),
    department(
        &["Garden"],
        &[
            "GARDEN", "PLANT", "WATERING", "PARASOL", "BIRD", "PLANTER", "TROWEL", "UMBRELLA", "PICNIC",
            "WINDMILL",
        ],
    ),
    department(
        &["Children", "Toys and games"],
        &[
            "TOY",
            "GAME",
            "DOLL",
            "JIGSAW",
            "PUPPET",
            "SKITTLES",
            "MARBLES",
            "DOMINOES",
            "CHILDRENS",
            "CHILDS",
            "KIDS",
            "PLAYHOUSE",
            "DINOSAUR",
            "DOLLY",
            "SOLDIER",
            "PLAYING",
        ],
    ),
    department(
        &["Children", "Craft"],
        &[
            "FELTCRAFT",
            "FELT",
            "CRAFT",
            "SEWING",
            "KNITTING",
            "STICKERS",
            "STICKER",
            "PAINT",
            "DRAWING",
            "SKETCHBOOK",
        ],
    ),
    department(
        &["Stationery"],
        &[
            "NOTEBOOK",
            "NOTEBOOKS",
            "PEN",
            "PENS",
            "PENCIL",
            "PENCILS",
            "RUBBER",
            "RUBBERS",
            "MAGNETS",
            "MAGNET",
            "LETTER",
            "TAPE",
            "TAG",
            "TAGS",
            "BOOK",
            "RULER",
            "CALCULATOR",
            "PAPER",
        ],
    ),
    department(&["Bath"], &["BATH", "BATHROOM", "SOAP", "BATHS", "WASH", "BODY", "WARMER", "WATER"]),
    department(
        &["Home", "Ornaments"],
        &[
            "DECORATION",
            "HEART",
            "HEARTS",
            "ORNAMENT",
            "WICKER",
            "BELL",
            "BELLS",
            "WREATH",
            "TREE",
            "STAR",
            "FLOWER",
            "HOLDER",
            "CHARMS",
        ],
    ),
];

/// Words that many names carry and shoppers look for.
const THEMES: [(&str, &str); 12] = [
    ("RETROSPOT", "retrospot"),
    ("POLKADOT", "polka dot"),
    ("VINTAGE", "vintage"),
    ("PAISLEY", "paisley"),
    ("SPACEBOY", "spaceboy"),
    ("UNION", "union jack"),
    ("SKULL", "skull"),
    ("SKULLS", "skull"),
    ("BABUSHKA", "babushka"),
    ("WOODLAND", "woodland"),
    ("STRAWBERRY", "strawberry"),
    ("REGENCY", "regency"),
];

/// The category of a product with these words in its name, from the root down.
pub(super) fn of(name: &str) -> &'static [&'static str] {
    let has = |word: &&str| name.split(' ').any(|theirs| theirs == *word);
    DEPARTMENTS
        .iter()
        .find(|department| department.words.iter().any(has))
        .map_or(&["Other"], |department| department.path)
}

/// The themes that its words name, each once.
pub(super) fn themes(name: &str) -> impl Iterator<Item = &'static str> {
    let mut found: Vec<_> = THEMES
        .iter()
        .filter(|(word, _)| name.split(' ').any(|theirs| theirs == *word))
        .map(|&(_, theme)| theme)
        .collect();
    found.dedup();
    found.into_iter()
}
