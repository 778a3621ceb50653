"""Words of the task detect: pictures and boxes."""

MESSAGES: dict[str, tuple[str, str]] = {
    "detect.one_picture": (
        "`task: detect` reads one picture a row, and {count} columns hold pictures ({received}). "
        "Name the one to look at, and the others in `data.drop`; then run `lingqu plan`.",
        "`task: detect` 每行读取一幅图像，但有 {count} 列是图像（{received}）。"
        "请只保留要看的一列，其余写进 `data.drop`，然后运行 `lingqu plan`。",
    ),
    "detect.no_boxes": (
        "None of the {rows} rows has a box in {target!r}. Expected lists such as "
        '[{{"label": "7", "x": 4, "y": 9, "width": 12, "height": 16}}]; an empty list is a picture '
        "without objects. Then run `lingqu plan`.",
        "{rows} 行的 {target!r} 都没有框。应为列表，例如 "
        '[{{"label": "7", "x": 4, "y": 9, "width": 12, "height": 16}}]；空列表表示图中没有物体。'
        "然后运行 `lingqu plan`。",
    ),
    "detect.bad_coco": (
        "{path!r} is no COCO file: {problem}. Expected JSON with `images` (id, file_name), "
        "`annotations` (image_id, category_id, bbox: [x, y, width, height]) and `categories` (id, "
        "name). Correct the file, then run `lingqu plan`.",
        "{path!r} 不是 COCO 文件：{problem}。应为 JSON，含 `images`（id、file_name）、"
        "`annotations`（image_id、category_id、bbox：[x, y, 宽, 高]）与 `categories`（id、name）。"
        "请改正后运行 `lingqu plan`。",
    ),
    "detect.bad_line": (
        "Line {line} of {path!r} is no box: {received!r}. Expected the number of a label, then "
        "centre across and down, width and height as shares of the picture's sides, such as "
        "`0 0.5 0.5 0.2 0.1`; with `names` or `classes.txt`, a name for each number. Correct the "
        "line, then run `lingqu plan`.",
        "{path!r} 第 {line} 行不是框：{received!r}。应为标签编号，再是中心横、纵坐标、宽、高"
        "（占图像边长的比例），如 `0 0.5 0.5 0.2 0.1`；使用 `names` 或 `classes.txt` 时，"
        "每个编号都要有名称。请改正该行，然后运行 `lingqu plan`。",
    ),
    "detect.outside": (
        "Row {row}: a box in {target!r} lies outside its picture of {width} × {height} pixels: "
        "{box}. Expected x and y of the left upper corner in pixels of the picture as it is. "
        "Correct the row, then run `lingqu run`.",
        "第 {row} 行：{target!r} 中有框落在 {width} × {height} 像素的图像之外：{box}。"
        "x、y 应为左上角，单位为原图像素。请改正该行，然后运行 `lingqu run`。",
    ),
}
