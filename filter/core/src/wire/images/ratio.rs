//! Google's models draw in proportions, of a few sizes. <https://ai.google.dev/gemini-api/docs/image-generation>

/// The proportions there are.
const RATIOS: [(&str, f64); 14] = [
    ("1:1", 1.0),
    ("1:4", 1.0 / 4.0),
    ("1:8", 1.0 / 8.0),
    ("2:3", 2.0 / 3.0),
    ("3:2", 3.0 / 2.0),
    ("3:4", 3.0 / 4.0),
    ("4:1", 4.0),
    ("4:3", 4.0 / 3.0),
    ("4:5", 4.0 / 5.0),
    ("5:4", 5.0 / 4.0),
    ("8:1", 8.0),
    ("9:16", 9.0 / 16.0),
    ("16:9", 16.0 / 9.0),
    ("21:9", 21.0 / 9.0),
];

/// The proportion that is nearest to that of a size in pixels.
pub fn of((width, height): (u32, u32)) -> &'static str {
    // What Imagen draws in these sizes, it calls so. <https://ai.google.dev/gemini-api/docs/imagen>
    match (width, height) {
        (1280, 896) => return "4:3",
        (896, 1280) => return "3:4",
        _ => {}
    }
    let wanted = f64::from(width) / f64::from(height);
    let distance = |ratio: f64| (ratio / wanted).ln().abs();
    let nearest = RATIOS.iter().min_by(|(_, a), (_, b)| distance(*a).total_cmp(&distance(*b)));
    nearest.map_or("1:1", |(name, _)| name)
}

/// The name of a resolution: that of a square with as many pixels.
pub fn resolution((width, height): (u32, u32)) -> &'static str {
    let side = (f64::from(width) * f64::from(height)).sqrt();
    match side {
        side if side < 768.0 => "512",
        side if side < 1536.0 => "1K",
        side if side < 3072.0 => "2K",
        _ => "4K",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_size_has_the_nearest_proportion() {
        let sizes = [(1024, 1024), (1792, 1024), (1024, 1792), (1536, 1024), (1280, 896), (4_000_000_000, 1)];
        assert_eq!(sizes.map(of), ["1:1", "16:9", "9:16", "3:2", "4:3", "8:1"]);
        assert_eq!(
            [(512, 512), (1792, 1024), (2048, 2048), (4096, 4096)].map(resolution),
            ["512", "1K", "2K", "4K"]
        );
    }
}
