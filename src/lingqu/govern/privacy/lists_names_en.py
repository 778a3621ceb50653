"""First names that are common in many countries, surnames in pinyin, words that are no surnames.

Source: Own lists. Words that are also first names in ordinary text (Will, May, Mark, Art) are left
out.
"""

from __future__ import annotations

from lingqu.govern.privacy.rules import words

FIRST = frozenset(
    words(
        "Aaron Abdul Abdullah Abigail Adam Adele Adrian Adriana Agnes Ahmed Aidan Aisha Akira "
        "Alan Albert Alejandra Alejandro Alex Alexander Alexandra Alexis Alfred Ali Alice Alicia "
        "Alina Alison Allison Amanda Amara Amelia Amina Amir Amit Amy Ana Anastasia Andre Andrea "
        "Andreas Andrei Andrew Angela Angelina Anita Anjali Ann Anna Anne Annette Anthony Antoine "
        "Anton Antonio Anya Arjun Arthur Arturo Asha Ashley Astrid Audrey Ava Ayesha Barbara "
        "Beatrice Beatriz Ben Benjamin Bernard Beth Bethany Betty Beverly Bianca Björn Bogdan "
        "Boris Brandon Brenda Brian Bridget Bruce Bruno Bryan Camila Camille Carl Carla Carlos "
        "Carmen Carol Caroline Catherine Cecilia Charles Charlotte Chiara Chidi Chloe Chloé Chris "
        "Christian Christina Christine Christopher Ciara Claire Clara Claudia Clive Colin Connor "
        "Cristina Curtis Cynthia Dale Damian Daniel Daniela Daria David Deborah Debra Deepak "
        "Denis Dennis Derek Diana Diego Dieter Dimitri Dmitri Dmitry Dominic Donald Donna Doris "
        "Dorothy Douglas Duncan Dylan Eduardo Edward Edwin Eileen Elaine Elena Eleanor Eli Elias "
        "Elif Elijah Elisa Elizabeth Ella Ellen Ellie Emeka Emil Emilia Emily Emma Emmanuel "
        "Enrique Eric Erica Erik Erika Erin Ernest Esther Ethan Eugene Eva Evelyn Fatima Fatma "
        "Felicia Felix Fernanda Fernando Fiona Florence Frances Francesca Francesco Francis "
        "Francisco Frank Frederick Freya Gabriel Gabriela Gabrielle Gareth Gary Geoffrey George "
        "Gerald Gerard Gina Giovanni Giulia Gloria Gordon Grace Graham Greg Gregory Guillermo "
        "Gustav Gustavo Gwen Hamza Hana Hannah Hans Harold Haruto Harry Hassan Hazel Heather "
        "Hector Heidi Helen Helena Henrik Henry Herbert Hiroshi Howard Hugo Ian Ibrahim Ines "
        "Ingrid Irene Irina Isaac Isabel Isabella Isabelle Isla Ivan Jack Jacob Jacqueline Jakob "
        "James Jamie Jan Jane Janet Janice Jasmine Jason Javier Jean Jeffrey Jennifer Jenny "
        "Jeremy Jerry Jessica Jesus Jill Jin Jing Joan Joanna Joanne Joao João Joe Joel Johan "
        "Johannes John Johnny Jonas Jonathan Jorge José Jose Joseph Joshua Joy Joyce Juan Juana "
        "Judith Judy Julia Julian Juliana Julie Julien Jun Justin Kaito Kamal Karen Karin Karl "
        "Karla Karolina Kate Katarzyna Katherine Kathleen Kathryn Katie Katrin Kavita Keiko Keith "
        "Kelly Kenji Kenneth Kevin Khalid Kimberly Klaus Kofi Kristen Kristina Kumar Kwame Kyle "
        "Larry Lars Laura Lauren Lawrence Layla Leah Lena Leo Leon Leonard Leonardo Leticia Liam "
        "Lillian Linda Lisa Liza Logan Lorenzo Louis Louise Luca Lucas Lucia Lucy Luis Luisa "
        "Lukas Luke Lydia Lynn Madeleine Magdalena Maggie Magnus Mahmoud Mai Malik Manuel Marc "
        "Marcel Marcela Marcin Marco Marcos Marcus Margaret Margarita Maria María Marie Marilyn "
        "Marina Mario Marisol Marjorie Marta Martha Martin Martina Mary Masako Mateo Mateusz "
        "Matteo Matthew Matthias Maureen Maurice Max Maya Megan Mehmet Mei Melanie Melissa Mia "
        "Michael Michaela Michal Michelle Miguel Mikhail Mila Milan Miriam Mohamed Mohammad "
        "Mohammed Moira Monica Monika Muhammad Mustafa Nadia Nadine Naomi Natalia Natalie Natasha "
        "Nathan Nathaniel Neha Neil Ngozi Nia Nicholas Nicola Nicolas Nicole Nigel Nikhil Nikolai "
        "Nina Noah Noor Nora Norma Norman Nuno Olga Oliver Olivia Olga Omar Oscar Osman Owen "
        "Pablo Pamela Paolo Patricia Patrick Paul Paula Pauline Pavel Pedro Penelope Peter Petra "
        "Philip Philippe Phillip Pierre Pilar Piotr Priya Rachel Rafael Rahul Raj Rajesh Ralph "
        "Ramon Raquel Ravi Raymond Rebecca Renata Rhys Ricardo Richard Rita Robert Roberta "
        "Roberto Robin Rodrigo Roger Rohan Roland Ronald Rosa Rosemary Rowan Roxanne Ruby Rui "
        "Russell Ruth Ryan Sabine Sabrina Sakura Sally Salma Samantha Samira Samuel Sandra Sanjay "
        "Sara Sarah Sean Sebastian Sergei Sergey Sergio Shannon Sharon Shaun Sheila Shirley "
        "Siddharth Silvia Simon Simone Sofia Sofía Sonia Sophia Sophie Stanislav Stefan Stefano "
        "Stella Stephanie Stephen Steve Steven Stuart Sunita Susan Susanne Suzanne Sven Svetlana "
        "Sylvia Takeshi Tamara Tanya Tara Tariq Tatiana Terence Teresa Terry Thabo Theodore "
        "Theresa Thomas Tiffany Tim Timothy Tobias Tom Tomas Tomasz Tony Tracy Trevor Tyler "
        "Ulrich Umar Valentina Valeria Vanessa Vera Veronica Vicente Victor Victoria Vijay Vikram "
        "Vincent Vivian Vladimir Walter Wanda Wayne Wendy William Wolfgang Xavier Yasmin Yolanda "
        "Youssef Yuki Yusuf Yuri Yvonne Zachary Zainab Zara Zoe Zoë Zofia"
    )
)
NO_SURNAME = frozenset(
    words(
        "Street Road Avenue Lane Drive Boulevard Court Place Way Square Garden Gardens Park "
        "Bridge Airport University College School Hospital Clinic Church Museum Library Theatre "
        "Theater Stadium Arena Centre Center Hall Tower Island River Lake Bay County City Inc Ltd "
        "LLC Corp Company Group Foundation Institute Award Prize Cup Day Act Law Monday Tuesday "
        "Wednesday Thursday Friday Saturday Sunday January February March April May June July "
        "August September October November December North South East West The This That And Or "
        "For From With Without Please Thanks Regards Best Dear Hello Hi Yes No Not New Old Order "
        "Invoice Account Number Phone Email Address Name Date Version Release Build Server Client "
        "Team Support Customer Service Department Office Manager Director Report Form Section "
        "Chapter Page Table Figure Card Bank Falls Bay Beach Springs Hills Heights Island Islands "
        "Republic Kingdom States Union Ocean Sea Period Effect Passport Permit Visa License "
        "Licence Insurance Policy Security Social Tax Code Id Ticket Case Vendor Roster Courier "
        "Agent Caller Our Your My His Her Their Its We You They It If When Where Who What Why How "
        "In On At By To Of As Is Was Are Were Be Has Had Have Do Does"
    )
)
PINYIN_SURNAMES = frozenset(
    words(
        "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin luo gao zheng "
        "liang xie song tang han deng feng cao peng zeng xiao tian dong yuan pan yu jiang cai du "
        "ye cheng su wei lv lu lü ding ren shen yao cui zhong tan fan jin shi liao jia xia fu "
        "fang bai zou meng xiong qin qiu yin xue yan duan lei hou long tao gu mao hao gong shao "
        "wan qian qin dai mo kong xiang ouyang sima zhuge huangfu shangguan linghu bao bi bian "
        "chai chu fei ge geng guan ji jing kang ke kuang lan le lian ling mei miao mu ni nie niu "
        "pang pei qi qiao qu rao ruan sha shan shang shu tong tu wen weng xin xing ying you yue "
        "yun zang zhai zhan zhen zhuang zong zuo an chang che"
    )
)
